import type { Facts } from './facts.ts'
import type { Inventory } from './inventory.ts'
import type { Json } from './json.ts'
import type { Key } from './key.ts'
import type { Rule } from './policy.ts'
import type { Served } from './served.ts'
import type { Shared } from './sharing.ts'
import type { Provider, Target } from './target.ts'

/** A route of `models`: a name that apps ask for. */
export interface Route {
  readonly name: string
  readonly targets: readonly WeightedTarget[]
  readonly strategy: StrategyName
  /** false: the first target of the plan only. */
  readonly fallback: boolean
  readonly timeouts: Timeouts
  /** Everything on the wire counts. */
  readonly attempts: number
  /** Its conversations stay where a prompt cache is warm, as far as that is worth it; absent: they do not, or there is nowhere else. */
  readonly sticky?: boolean
  /** Requests are marked for prompt caches. */
  readonly mark?: boolean
  /** ms for which an answer is kept for the same request; absent: none is. */
  readonly cacheFor?: number
  readonly source: string
}

export interface WeightedTarget {
  readonly target: Target
  readonly weight: number
}

export type StrategyName = 'priority' | 'weighted' | 'cheapest' | 'fastest' | 'balanced'

/** All in ms. `heartbeat` 0: off. */
export interface Timeouts {
  readonly connect: number
  readonly firstToken: number
  readonly idle: number
  readonly total: number
  readonly heartbeat: number
}

/** Who may come in. `open`: no keys, loopback only. `none`: no keys, anybody, because the operator wrote `auth: none`. */
export type Access =
  | {
      readonly mode: 'keys'
      /** By the lower-case hex SHA-256 of the credential. */ readonly byDigest: ReadonlyMap<string, Key>
    }
  | { readonly mode: 'open' }
  | { readonly mode: 'none' }

/** One compiled configuration: what an epoch means. Immutable. */
export interface Snapshot {
  /** 12 hex characters (INTERFACE.md section 9). */
  readonly epoch: string
  readonly access: Access
  /** Digest of the admin key. */
  readonly adminDigest?: string
  readonly metricsOpen: boolean
  /** ms for which the ledger and stored answers are kept; absent: the ledger for ever. */
  readonly retention?: number
  /** ms for which an answer is kept for the idempotency key that it was asked under. */
  readonly keepRepeats: number
  readonly keysById: ReadonlyMap<string, Key>
  readonly providers: ReadonlyMap<string, Provider>
  readonly routes: ReadonlyMap<string, Route>
  /** Targets that the file writes, by id. */
  readonly targets: ReadonlyMap<string, Target>
  /** `provider/model` may be asked for directly. */
  readonly direct: boolean
  readonly rules: readonly Rule[]
  readonly shared: Shared
  /** Timeouts and attempts of a direct target. */
  readonly defaults: { readonly timeouts: Timeouts; readonly attempts: number }
  /** Makes a target of a provider's model that the file does not write, from the catalog. */
  readonly targetOf: (provider: Provider, model: string) => Target
  /** The target that an upstream says has answered: its model, under the operator that it names. */
  readonly servedOf: (provider: Provider, served: Served & { readonly model: string }) => Target
  /** The target that somebody is whom an upstream may ask in its turn. */
  readonly relayedBy: (provider: Provider, relayed: Relayed) => Target
  /** Who may be at a host that this provider is asked to call; never empty. */
  readonly calledAt: (provider: Provider, host: string) => readonly Target[]
  /** The same configuration, under the same epoch, with what hosts say of their models in the place of what was known of that before. */
  readonly inform: (inventory: Inventory) => Snapshot
  /** A key that is made while this runs: its fields as the file writes them, without `sha256` and `mints`. Throws FailureError 400. */
  readonly readKey: (value: Json | undefined) => Key
  /** A rule that an operator adds: as one of the file, read and compiled. Throws FailureError 400. */
  readonly readDenial: (value: Json | undefined) => Denial
  /** The same file with these denials and no others, under an epoch of its own. */
  readonly deny: (denials: readonly string[]) => Promise<Snapshot>
  readonly server: ServerSettings
}

/** Whom an upstream may ask, under what it can be made to promise. */
export interface Relayed {
  readonly model: string
  /** The catalog's vendor; absent: a stranger, of whom nothing but the promise is known. */
  readonly vendor?: string
  /** The upstream itself. */
  readonly own?: true
  readonly promised: Facts
}

/** A rule that an operator added while the configuration runs. */
export interface Denial {
  readonly name: string
  /** As it is kept. */
  readonly text: string
}

export interface ServerSettings {
  readonly host: string
  readonly port: number
  /** Bytes. */
  readonly bodyLimit: number
  /** ms. */
  readonly drain: number
}
