import type {
  CacheMark,
  MediaPart,
  OutputFormat,
  Part,
  ReasoningPart,
  Source,
  Tool,
  ToolCallPart,
  ToolChoice,
  Turn,
} from './conversation.ts'
import { isObject, parseJson, type Json, type JsonObject } from './json.ts'

/** Between texts that become one. */
export const GAP = '\n\n'

/** The words of parts: of texts, and of refusals where they have no place of their own. */
export function wordsOf(parts: readonly Part[], gap = ''): string {
  return parts.flatMap((part) => (part.type === 'text' || part.type === 'refusal' ? [part.text] : [])).join(gap)
}

/** What was thought: as it was thought, else as it may be shown. */
export function thoughtOf({ text, summary }: ReasoningPart): string {
  return text ?? summary?.join(GAP) ?? ''
}

/** The input of a call as an object; plain text of a custom tool, and what a model wrote that is no object, as its only member. */
export function inputObject({ input, custom }: Pick<ToolCallPart, 'input' | 'custom'>): JsonObject {
  const value = custom ? undefined : parseJson(input)
  if (isObject(value)) return value
  return custom || input.trim() !== '' ? { input } : {}
}

/** Arguments that an upstream gives, as JSON text of an object: some give an object, some text, some nothing. */
export function inputText(value: Json | undefined): string {
  if (isObject(value)) return jsonText(value)
  if (typeof value !== 'string' || value.trim() === '' || value.trim() === 'null') return '{}'
  return value
}

/** JSON text; what is nested deeper than the engine's stack is an empty object. */
export function jsonText(value: Json): string {
  try {
    return JSON.stringify(value)
  } catch {
    return '{}'
  }
}

/** A source as an address: data as `data:` URL. */
export function urlOf(source: Source): string {
  if (source.kind === 'url') return source.url
  return source.kind === 'data' ? `data:${source.mediaType};base64,${source.data}` : ''
}

/** The text of a document that is text. */
export function writtenIn({ source }: MediaPart): string {
  return source.kind === 'text' ? source.text : ''
}

/** A document that is text, said as text: its name stands in front. */
export function documentText(part: MediaPart): string {
  const text = writtenIn(part)
  return part.name === undefined ? text : `${part.name}:\n${text}`
}

/** The schema of an answer, with what stands beside it in dialects that describe it there. */
export function describedSchema({
  schema,
  description,
}: Extract<OutputFormat, { readonly kind: 'schema' }>): JsonObject {
  return description === undefined || 'description' in schema ? schema : { ...schema, description }
}

/** The form of the answer in words, where other members have no place beside it. Calls are still to be made first. */
export function jsonDemand(output: OutputFormat): string {
  const form =
    output.kind === 'json'
      ? ', and nothing else'
      : ` that fits this JSON Schema, and nothing else: ${JSON.stringify(describedSchema(output))}`
  return `When you give your answer, give one JSON object${form}`
}

/**
 * Results with the names of their tools, where they have none: dialects differ in which of the two a result carries. An id may come again in a
 * later turn, for a call of another tool: the last call before a result counts.
 */
export function namedResults(turns: readonly Turn[]): readonly Turn[] {
  const names = new Map<string, string>()
  return turns.map((turn) => {
    for (const part of turn.parts) if (part.type === 'tool-call') names.set(part.id, part.name)
    return turn.role === 'tool' ? { ...turn, parts: turn.parts.map((part) => named(part, names)) } : turn
  })
}

function named(part: Part, names: ReadonlyMap<string, string>): Part {
  if (part.type !== 'tool-result' || part.name !== undefined) return part
  const name = names.get(part.id)
  return name === undefined ? part : { ...part, name }
}

/** The tools that may be called: where a choice has no word for it, the others are not offered. */
export function offered(tools: readonly Tool[], choice: ToolChoice | undefined): readonly Tool[] {
  const named = (names: readonly string[]) => tools.filter((tool) => 'name' in tool && names.includes(tool.name))
  switch (choice?.kind) {
    case 'none':
      return []
    case 'named':
      return named([choice.name])
    case 'allowed':
      return named(choice.names)
    default:
      return tools
  }
}

/** Turns with a mark on their last part, which stands for all that is before it; one that is there stays. */
export function markedLast(turns: readonly Turn[], cache: CacheMark): readonly Turn[] {
  const last = turns.at(-1)
  const part = last?.parts.at(-1)
  if (!last || !part || !isMarkable(part)) return turns
  return [
    ...turns.slice(0, -1),
    { ...last, parts: [...last.parts.slice(0, -1), { ...part, cache: part.cache ?? cache }] },
  ]
}

type Markable = Exclude<Part, { readonly type: 'refusal' | 'reasoning' | 'opaque' }>

function isMarkable(part: Part): part is Markable {
  return part.type !== 'refusal' && part.type !== 'reasoning' && part.type !== 'opaque'
}
