import type { Truth } from './truth.ts'
import type { Target } from './target.ts'

/** A selector as the file writes it (INTERFACE.md section 2): every field must hold, a list means any of it. */
export interface SelectorInput {
  readonly provider?: OneOrMore<string>
  readonly operator?: OneOrMore<string>
  readonly operatorCountry?: OneOrMore<string>
  readonly region?: OneOrMore<string>
  readonly developer?: OneOrMore<string>
  readonly lineage?: OneOrMore<string>
  readonly family?: OneOrMore<string>
  readonly model?: OneOrMore<string>
  readonly license?: OneOrMore<string>
  readonly local?: boolean
  readonly openWeights?: boolean
  readonly trainsOnData?: boolean
  readonly retainsData?: boolean
  readonly derived?: boolean
  readonly components?: boolean
}

export type OneOrMore<T> = T | readonly T[]

export type SelectorField = Exclude<keyof SelectorInput, 'derived'>

/** What a compiled selector says of a target, and which facts it lacked to say more. */
export interface Match {
  readonly truth: Truth
  /** Fields whose fact is unknown and would have decided. */
  readonly unknown: readonly SelectorField[]
  /** Fields that do not hold, where the whole is false. */
  readonly failed?: readonly SelectorField[]
  /** What made it true, for people: `its developer is \`deepseek\``. */
  readonly evidence?: readonly string[]
}

export type Selector = (target: Target) => Match
