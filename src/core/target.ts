import type { Adapter, Account } from './adapter.ts'
import type { Ancestry, Facts } from './facts.ts'
import type { HostedModel } from './inventory.ts'
import type { Egress } from './transport.ts'

/** A provider of this file: a vendor's adapter, its accounts and how to reach it. */
export interface Provider {
  readonly name: string
  readonly adapter: Adapter
  readonly accounts: readonly Account[]
  readonly egress: Egress
  /** `tutti.yaml:12:3`. */
  readonly source: string
}

/** One model on one provider: what a request can be sent to. */
export interface Target {
  /** `provider/model`, the model as the upstream names it. */
  readonly id: string
  readonly provider: Provider
  /** The upstream's id of the model. */
  readonly model: string
  readonly facts: Facts
  readonly ancestry: Ancestry
  /** What its parts are and come from; undefined: nobody says what they are. */
  readonly parts?: Ancestry
  /**
   * What the name alone suggests on a host that is no catalogued vendor's: evidence against, for a `deny`, where the file declares nothing.
   */
  readonly suspicion?: { readonly facts: Facts; readonly ancestry: Ancestry }
  /** What its host says of it, where the host was asked. */
  readonly hosted?: Hosted
  /** Where to declare what is missing: `tutti.yaml:12:3`. */
  readonly source: string
}

/** A host's word on one of its models, read: it may take a target out, never let one in. */
export interface Hosted {
  /** As it was said: what a decision records. */
  readonly said: HostedModel
  /** What a `deny` counts beside the facts, whatever the file declares. */
  readonly evidence: readonly Evidence[]
  /** Facts that it contradicts: no `require`, `except` or `prefer` relies on them. */
  readonly doubted: ReadonlySet<keyof Facts>
  /** What is contradicted and by what, for people; empty: nothing is. */
  readonly contradictions: readonly string[]
}

/** What one thing that a host says suggests. */
export interface Evidence {
  /** For people: `its host says that it is \`deepseek-r1\``. */
  readonly words: string
  readonly facts: Facts
  readonly ancestry: Ancestry
}
