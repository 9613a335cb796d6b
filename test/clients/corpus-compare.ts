import { isObject, objectAt, type Json, type JsonObject } from '#src/core/json.ts'
import { decodeFloats } from '#src/dialects/openai-embeddings/encoding.ts'
import type { Case } from './corpus-cases.ts'
import type { Caught, Seen } from './corpus-client.ts'

/** One way to ask for a case, and what an app is due when the upstream gave it `direct`. */
export interface Variant {
  readonly label: string
  /** Members over the recorded request. */
  readonly more: JsonObject
  due(direct: readonly Json[]): readonly Json[]
  /** How both sides are read before they are compared. */
  read(part: Json): Json
}

const asItIs = (part: Json): Json => part
const all = (direct: readonly Json[]): readonly Json[] => direct

const WHOLE: Variant = { label: 'whole', more: {}, due: all, read: asItIs }

const STREAMS: readonly Variant[] = [
  { label: 'usage asked for', more: { stream_options: { include_usage: true } }, due: all, read: asItIs },
  {
    label: 'usage not asked for',
    more: { stream_options: null },
    due: (direct) => direct.filter((part) => !isUsageOnly(part)),
    read: asItIs,
  },
]

/** A recorded answer has one encoding whatever is asked; tutti gives the one that was asked for, equal as float32. */
const VECTORS: readonly Variant[] = ['float', 'base64'].map((encoding) => ({
  label: encoding,
  more: { encoding_format: encoding },
  due: all,
  read: withFloats,
}))

export function variantsOf(one: Case): readonly Variant[] {
  if (one.api === 'embeddings') return VECTORS
  return one.stream ? STREAMS : [WHOLE]
}

/** The chunk that `include_usage` causes: it holds nothing else. */
function isUsageOnly(part: Json): boolean {
  const choices = isObject(part) ? part['choices'] : undefined
  return Array.isArray(choices) && choices.length === 0 && objectAt(part, 'usage') !== undefined
}

function withFloats(part: Json): Json {
  const data = isObject(part) ? part['data'] : undefined
  if (!isObject(part) || !Array.isArray(data)) return part
  return {
    ...part,
    data: data.map((row: Json) => (isObject(row) ? { ...row, embedding: floats(row['embedding']) } : row)),
  }
}

function floats(vector: Json | undefined): Json {
  if (typeof vector === 'string') return decodeFloats(vector)
  return Array.isArray(vector) ? vector.map((value: Json) => Math.fround(Number(value))) : (vector ?? null)
}

/** What must be the same with tutti and without it. An error's members that the upstream left out are tutti's to fill. */
export interface Comparable {
  readonly parts: readonly Json[]
  readonly error?: Caught
}

/** `through` as it has to be, if tutti changes nothing. */
export function expected(variant: Variant, direct: Seen, through: Seen): Comparable {
  const parts = variant.due(direct.parts).map(variant.read)
  if (direct.error === undefined) return { parts }
  const { code = through.error?.code, type = through.error?.type } = direct.error
  return { parts, error: { ...direct.error, code, type } }
}

/** What came through tutti, without what only tutti writes: the cost. */
export function received(variant: Variant, direct: Seen, through: Seen): Comparable {
  const due = variant.due(direct.parts)
  const parts = through.parts.map((part, index) => withoutCost(variant.read(part), due[index]))
  return through.error === undefined ? { parts } : { parts, error: through.error }
}

function withoutCost(part: Json, like: Json | undefined): Json {
  const usage = objectAt(part, 'usage')
  if (!isObject(part) || usage === undefined || objectAt(like, 'usage')?.['cost'] !== undefined) return part
  const { cost: _cost, estimated: _estimated, ...tokens } = usage
  return { ...part, usage: tokens }
}

/** The last usage object that an app got. */
export function lastUsage(seen: Seen): JsonObject | undefined {
  return seen.parts.map((part) => objectAt(part, 'usage')).findLast((usage) => usage !== undefined)
}
