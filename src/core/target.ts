import type { Adapter, Account } from './adapter.ts'
import type { Ancestry, Facts } from './facts.ts'
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
  /**
   * What the name alone suggests on a host that is no catalogued vendor's: evidence against, for a `deny`, where the file declares nothing.
   */
  readonly suspicion?: { readonly facts: Facts; readonly ancestry: Ancestry }
  /** Where to declare what is missing: `tutti.yaml:12:3`. */
  readonly source: string
}
