import type { Bookkeeper } from '#src/accounting/bookkeeper.ts'
import type { Clock } from '#src/core/clock.ts'
import type { Dialect } from '#src/core/dialect.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import type { Hash } from '#src/core/hash.ts'
import type { Finder } from '#src/core/pii/types.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { StateStore } from '#src/core/state-store.ts'
import type { Transport } from '#src/core/transport.ts'
import type { Estimates } from '#src/routing/estimates.ts'
import type { KillSwitch } from './kill-switch.ts'
import type { Telemetry } from '#src/telemetry/telemetry.ts'
import type { BudgetAlerts } from './budget-alerts.ts'
import type { FairShares } from './fair-shares.ts'
import type { HostInventory } from './inventory.ts'
import type { KnownSpends } from './known-spends.ts'
import type { StoredKeys } from './stored-keys.ts'
import type { Recording } from './recording.ts'

/** What a runtime gives the stages: every effect goes through one of these. */
export interface Ports {
  readonly transport: Transport
  readonly store: StateStore
  readonly bookkeeper: Bookkeeper
  readonly spends: KnownSpends
  readonly alerts: BudgetAlerts
  readonly fairShares: FairShares
  readonly clock: Clock
  readonly hash: Hash
  readonly estimates: Estimates
  readonly telemetry: Telemetry
  readonly inventory: HostInventory
  /** What a request began ends with it: a worker. */
  readonly isolated: boolean
  readonly dialects: Readonly<Record<Endpoint, Dialect>>
  readonly killSwitch: KillSwitch
  readonly storedKeys: StoredKeys
  /** Finds personal data in a text. */
  readonly findPii: Finder
  /** 1 to 64 of `[A-Za-z0-9_-]`, never the same twice. */
  readonly newId: () => string
  /** Answers that are being written under an idempotency key, by caller and key. */
  readonly recordings: Map<string, Recording>
}

/** A gateway at work. `snapshot` is replaced as a whole, by a reload and by what hosts say of their models; a request keeps the one it began with. */
export interface Gateway {
  readonly ports: Ports
  snapshot: Snapshot
  /** No new work is wanted: readiness says so. */
  draining: boolean
}
