import type { Ancestry, Facts } from './facts.ts'

/** Facts about vendors and models as data, each with a source and a date. Pure look-ups; never a default that permits. */
export interface Catalog {
  /** Changes whenever a row changes: part of the epoch. */
  readonly version: string
  /** The vendor whose address this host name is; undefined: no catalogued vendor's. */
  vendorOfHost(host: string): string | undefined
  /** The vendor in whose domain a host name is, its own hosts and whatever stands beside or below them: evidence against only. */
  vendorNear(host: string): string | undefined
  /** Facts about a vendor as an operator: who runs it, from which country, whether it trains on data. */
  vendor(vendor: string): Facts | undefined
  /** Facts about a model as that vendor sells it, by the folded name. */
  model(vendor: string, model: string): Facts | undefined
  /** What a name alone suggests, on a host that nobody vouches for: evidence against only. */
  suspect(model: string): { readonly facts: Facts; readonly ancestry: Ancestry } | undefined
  /** All names that a row has in this field: what a rule asks for and nobody has may be a slip. */
  names?(field: 'developer' | 'operator'): ReadonlySet<string>
  /** Everything that a lineage leads to, at any depth; undefined lineage: nothing is known. */
  ancestry(lineage: readonly string[] | undefined): Ancestry
}
