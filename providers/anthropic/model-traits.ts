/** What a model of Claude's takes, as the vendor documents it: the API refuses the rest with a 400. */
export interface ModelTraits {
  /** `temperature`, `top_p`, `top_k`: models after Opus 4.6 have none. */
  readonly sampling: boolean
  /** `thinking` of type `adaptive`. */
  readonly adaptive: boolean
  /** `thinking` of type `enabled`, with its budget. */
  readonly budget: boolean
  /** What takes the place of `thinking` where none is wanted; undefined: it thinks in any case. */
  readonly off: 'disabled' | 'between_tools' | undefined
  /** What `output_config.effort` may be. */
  readonly efforts: readonly string[]
  /** `tool_choice` of type `any` and `tool`. */
  readonly forced: boolean
  /** `output_config.format`, and `strict` of tools. */
  readonly schema: boolean
  /** The most tokens that it writes; undefined: nobody knows. */
  readonly maxOutput: number | undefined
}

const TO_HIGH = ['low', 'medium', 'high'] as const
const TO_MAX = [...TO_HIGH, 'max'] as const
const ALL = [...TO_HIGH, 'xhigh', 'max'] as const

/** Before Claude 3.7, and every model of another maker behind the same API. */
const PLAIN: ModelTraits = {
  sampling: true,
  adaptive: false,
  budget: false,
  off: 'disabled',
  efforts: [],
  forced: true,
  schema: false,
  maxOutput: undefined,
}
const FOREIGN: ModelTraits = { ...PLAIN, budget: true }
const BUDGETED: ModelTraits = { ...FOREIGN, maxOutput: 64_000 }
const STRUCTURED: ModelTraits = { ...BUDGETED, schema: true }
const BOTH: ModelTraits = { ...STRUCTURED, adaptive: true, efforts: TO_MAX, maxOutput: 128_000 }
const CURRENT: ModelTraits = { ...BOTH, sampling: false, budget: false, efforts: ALL }
const ALWAYS: ModelTraits = { ...CURRENT, off: undefined, forced: false }

/** By what a model's id holds, the first that fits: hosts put a vendor in front of it, and a date or a version behind. */
const RULES: readonly (readonly [part: string, traits: ModelTraits])[] = [
  ['claude-sonnet-5-5', { ...ALWAYS, off: 'between_tools' }],
  ['claude-opus-5-5', ALWAYS],
  ['claude-fable-5-1', ALWAYS],
  ['claude-fable-5-2', ALWAYS],
  ['claude-fable-5', { ...ALWAYS, forced: true }],
  ['claude-opus-4-6', BOTH],
  ['claude-sonnet-4-6', BOTH],
  ['claude-opus-4-5', { ...STRUCTURED, efforts: TO_HIGH }],
  ['claude-sonnet-4-5', STRUCTURED],
  ['claude-haiku-4-5', STRUCTURED],
  ['claude-opus-4-1', { ...STRUCTURED, maxOutput: 32_000 }],
  ['claude-opus-4-0', { ...BUDGETED, maxOutput: 32_000 }],
  ['claude-opus-4-2', { ...BUDGETED, maxOutput: 32_000 }],
  ['claude-sonnet-4-0', BUDGETED],
  ['claude-sonnet-4-2', BUDGETED],
  ['claude-3-7', BUDGETED],
  ['claude-3-5', { ...PLAIN, maxOutput: 8192 }],
  ['claude-3', { ...PLAIN, maxOutput: 4096 }],
  ['claude-2', { ...PLAIN, maxOutput: 4096 }],
  ['claude-instant', { ...PLAIN, maxOutput: 4096 }],
  // What is not listed is newer.
  ['claude-', CURRENT],
]

/** What one model takes. */
export function traitsOf(model: string): ModelTraits {
  const id = model.toLowerCase().replaceAll('.', '-').replaceAll('@', '-')
  return RULES.find(([part]) => id.includes(part))?.[1] ?? FOREIGN
}
