import type {
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

/** The input of a call as an object; plain text of a custom tool as its only member. */
export function inputObject({ input, custom }: ToolCallPart): JsonObject {
  if (custom) return { input }
  const value = parseJson(input)
  return isObject(value) ? value : {}
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

/** The form of the answer in words, where other members have no place beside it. Calls are still to be made first. */
export function jsonDemand(output: OutputFormat): string {
  const form =
    output.kind === 'json'
      ? ', and nothing else'
      : ` that fits this JSON Schema, and nothing else: ${JSON.stringify(output.schema)}`
  return `When you give your answer, give one JSON object${form}`
}

/** Names of the tools whose calls stand in the turns, by the id of the call: dialects differ in which of the two a result carries. */
export function toolNames(turns: readonly Turn[]): ReadonlyMap<string, string> {
  return new Map(
    turns.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === 'tool-call' ? [[part.id, part.name] as const] : [])),
    ),
  )
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
