import { arrayAt, isObject, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { fieldOf, scanArray, scanObject, type Edit } from '#src/core/json-scan.ts'
import { isRouting } from './routing.ts'

/** What becomes of a tool. */
interface Fate {
  /** undefined: it does not travel. */
  readonly text: string | undefined
  readonly changed: boolean
  /** Names of members that were taken out of it. */
  readonly removed: readonly string[]
}

/** Words in the types of tools that ask other models, of the host's or the answering model's choice: `openrouter:fusion`, `advisor_20260301`. */
const ASKING = ['advisor', 'agent', 'fusion', 'consult'] as const

/** Tools that the caller runs: their schemas may speak of anything. */
const CALLERS: ReadonlySet<string> = new Set(['function', 'custom'])

/**
 * For a host that routes: edits that take out of `tools` what would let another model answer than the one that was decided on (law 1). Other
 * tools stay byte for byte.
 */
export function editTools(text: string, body: JsonObject, warnings: string[]): readonly Edit[] {
  const tools = arrayAt(body, 'tools') ?? []
  if (tools.length === 0) return []
  const spans = scanArray(text, fieldOf(scanObject(text), 'tools')?.start)
  const fates = tools.map((tool, index) => fateOf(tool, text.slice(spans[index]?.start, spans[index]?.end)))
  fates.forEach((fate, index) => warnOf(fate, index, warnings))
  if (fates.every(({ changed }) => !changed)) return []
  const left = fates.flatMap((fate) => fate.text ?? [])
  if (left.length > 0) return [{ op: 'set', key: 'tools', value: `[${left.join(',')}]` }]
  // A choice among no tools is refused.
  return [
    { op: 'remove', key: 'tools' },
    { op: 'remove', key: 'tool_choice' },
  ]
}

function fateOf(tool: Json, text: string): Fate {
  const own = isObject(tool) ? tool : {}
  // Of two members of one name the last counts, here and there.
  const twice = isObject(tool) && scanObject(text).length > Object.keys(tool).length
  const types = typesIn(own)
  if (types.length === 1 && CALLERS.has(stringAt(own, 'type') ?? ''))
    return { text: twice ? JSON.stringify(own) : text, changed: twice, removed: [] }
  if (asks(own)) return { text: undefined, changed: true, removed: [] }
  const removed = new Set<string>()
  const kept = withoutRouting(tool, removed)
  const changed = twice || removed.size > 0
  return { text: changed ? JSON.stringify(kept) : text, changed, removed: [...removed] }
}

function warnOf({ text, removed }: Fate, index: number, warnings: string[]): void {
  const names = text === undefined ? [`tools.${index}`] : removed.map((name) => `tools.${index}.${name}`)
  for (const name of names) warnings.push(`\`${name}\` was not sent: it would choose who answers`)
}

/** What stands under `type`, for readers that do not mind its case too. */
function typesIn(tool: JsonObject): readonly (Json | undefined)[] {
  return Object.entries(tool).flatMap(([name, value]) => (name.toLowerCase() === 'type' ? [value] : []))
}

/** Of the tool itself, or of one inside it. */
function asks(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some(asks)
  if (!isObject(value)) return false
  const types = typesIn(value).map((type) => (typeof type === 'string' ? type.toLowerCase() : ''))
  return ASKING.some((word) => types.some((type) => type.includes(word))) || Object.values(value).some(asks)
}

/** The value without members that choose a model, at any depth; their names are added to `removed`. */
function withoutRouting(value: Json | undefined, removed: Set<string>): Json | undefined {
  if (Array.isArray(value)) return value.map((one) => withoutRouting(one, removed) ?? null)
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([name]) => {
    const steers = isRouting(name)
    if (steers) removed.add(name)
    return !steers
  })
  return Object.fromEntries(kept.map(([name, one]) => [name, withoutRouting(one, removed)]))
}
