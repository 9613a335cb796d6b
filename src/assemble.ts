import { DEMO_SCRIPT } from '#providers/demo/config.ts'
import { DEMO_HOST } from '#providers/demo/index.ts'
import { createScriptedFetch } from '#providers/demo/scripted-fetch.ts'
import { adapters } from '#providers/registry.ts'
import { createBookkeeper } from '#src/accounting/bookkeeper.ts'
import { presets } from '#policies/presets/registry.ts'
import { ruleKinds } from '#policies/registry.ts'
import { loadSource, type Loaded, type LoadOptions } from '#src/config/load-source.ts'
import type { Source } from '#src/config/source.ts'
import type { Clock } from '#src/core/clock.ts'
import { hexOf, type Hash } from '#src/core/hash.ts'
import { findPii } from '#src/core/pii/find.ts'
import type { Finder } from '#src/core/pii/types.ts'
import { newRequestId } from '#src/core/request-id.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { StateStore } from '#src/core/state-store.ts'
import type { Transport } from '#src/core/transport.ts'
import { dialects } from '#src/dialects/registry.ts'
import { createApp } from '#src/http/app.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import { createBudgetAlerts } from '#src/pipeline/budget-alerts.ts'
import { createFairShares } from '#src/pipeline/fair-shares.ts'
import { createHostInventory } from '#src/pipeline/inventory.ts'
import { createKillSwitch } from '#src/pipeline/kill-switch.ts'
import { createKnownSpends } from '#src/pipeline/known-spends.ts'
import { createStoredKeys } from '#src/pipeline/stored-keys.ts'
import { catalog } from '#src/routing/catalog/catalog.ts'
import { createEstimates } from '#src/routing/estimates.ts'
import { systemClock } from '#src/system-clock.ts'
import { createDecisionLog, type DecisionLog } from '#src/telemetry/decision-log.ts'
import { createTelemetry } from '#src/telemetry/telemetry.ts'
import { createFetchTransport } from '#src/transport/fetch.ts'
import { createSigningTransport } from '#src/transport/sign.ts'

/** What a runtime brings: everything else is the same everywhere. */
export interface Runtime {
  readonly transport: Transport
  readonly store: StateStore
  readonly hash: Hash
  /** Takes each decision as one line of JSON; undefined: no log. */
  readonly log?: (line: string) => void
  /** The machine's time unless given. */
  readonly clock?: Clock
  /** The project's own unless given. */
  readonly findPii?: Finder
  /** What one request waits for ends with that request: Workers. */
  readonly isolated?: boolean
}

/** Loads a file that was read before against the vendors, rules and catalog of this version. */
export function loadKnown(source: Source, options: Options): Promise<Loaded> {
  return loadSource(source, { ...options, adapters, ruleKinds, presets, catalog, now: Date.now() })
}

/** What a runtime adds to a file. */
export type Options = Omit<LoadOptions, 'adapters' | 'ruleKinds' | 'presets' | 'catalog' | 'now'>

/** A gateway and its HTTP surface over one compiled configuration. */
export function assemble(
  snapshot: Snapshot,
  runtime: Runtime,
): { gateway: Gateway; app: ReturnType<typeof createApp> } {
  const clock = runtime.clock ?? systemClock
  const signing = createSigningTransport(runtime.transport, { clock, isolated: runtime.isolated ?? false })
  const telemetry = createTelemetry(runtime.log, () => clock.now())
  const gateway: Gateway = {
    snapshot,
    draining: false,
    ports: {
      transport: withDemo(signing, clock),
      store: runtime.store,
      bookkeeper: createBookkeeper({
        store: runtime.store,
        clock,
        isolated: runtime.isolated ?? false,
        keepFor: () => gateway.snapshot.retention,
        lost: (id, shard) => telemetry.event({ event: 'bill_lost', id, shard }),
      }),
      spends: createKnownSpends(runtime.store, clock),
      hash: runtime.hash,
      clock,
      estimates: createEstimates(),
      alerts: createBudgetAlerts(),
      fairShares: createFairShares(clock),
      telemetry,
      inventory: createHostInventory(),
      killSwitch: createKillSwitch(runtime.isolated),
      storedKeys: createStoredKeys({ store: runtime.store, clock, isolated: runtime.isolated ?? false }),
      isolated: runtime.isolated ?? false,
      dialects,
      findPii: runtime.findPii ?? findPii,
      newId: () => newRequestId(clock.now()),
      recordings: new Map(),
    },
  }
  return { gateway, app: createApp(gateway) }
}

/** The demo's requests go to the scripted provider in this process, all others to the network. */
function withDemo(transport: Transport, clock: Clock): Transport {
  const scripted = createScriptedFetch(DEMO_SCRIPT, { clock })
  const demo = createFetchTransport((url, init) => scripted(new Request(url, init)))
  const prefix = `https://${DEMO_HOST}/`
  return {
    send: (request, egress, handler) =>
      (request.url.startsWith(prefix) ? demo : transport).send(request, egress, handler),
    close: () => transport.close(),
  }
}

/** SHA-256 by Web Crypto: every runtime has it. */
export async function webHash(text: string): Promise<string> {
  return hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
}

/** A chain of its own for each gateway. */
export function openLog(epoch: string, write: (line: string) => void, hash: Hash = webHash): DecisionLog {
  const instance = hexOf(crypto.getRandomValues(new Uint8Array(8)))
  return createDecisionLog({ instance, epoch, hash, now: Date.now, write })
}
