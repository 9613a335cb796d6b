import type { Capability } from './endpoint.ts'
import type { Price } from './price.ts'

/**
 * What is known about a target. undefined is unknown: never 0, never false, never "allowed".
 * `lineage` lists the models or families that the weights were trained or distilled from; `[]` says none.
 */
export interface Facts {
  readonly provider?: string
  readonly operator?: string
  /** ISO 3166 alpha-2 country of the operator's headquarters. */
  readonly operatorCountry?: string
  /** Where prompts are processed: ISO 3166 alpha-2, `EU`, or `global`. */
  readonly region?: string
  readonly developer?: string
  readonly lineage?: readonly string[]
  /** The models that parts of it come from (an encoder, a tokenizer), though its weights do not; `[]` says none. */
  readonly components?: readonly string[]
  readonly family?: string
  readonly model?: string
  /** SPDX identifier in lower case, or `proprietary`. */
  readonly license?: string
  readonly local?: boolean
  readonly openWeights?: boolean
  readonly trainsOnData?: boolean
  readonly retainsData?: boolean
  /** Tokens. */
  readonly context?: number
  /** The most tokens the model writes in one answer. */
  readonly maxOutput?: number
  readonly capabilities?: readonly Capability[]
  readonly price?: Price
  /** The most searches that its provider does for one answer; undefined: unknown. */
  readonly maxSearches?: number
  /** It searches without being asked to. */
  readonly searchesUnasked?: true
  /** ISO date from which the model no longer answers. */
  readonly retires?: string
}

/** An ancestor of a model: what a lineage entry stands for. undefined is unknown. */
export interface Ancestor {
  readonly name: string
  readonly developer?: string
  readonly family?: string
}

/**
 * Everything that a target's weights come from, at any depth, itself not included.
 * `complete` is false when an entry, or an entry of an entry, is unknown.
 */
export interface Ancestry {
  readonly ancestors: readonly Ancestor[]
  readonly complete: boolean
}
