import type { CacheMark, Part, TextPart, ToolResultPart, Turn } from '#src/core/conversation.ts'
import { stringAt, type JsonObject } from '#src/core/json.ts'
import { inputObject } from '#src/core/parts.ts'
import { createDocumentNames, mediaBlock } from './encode-media.ts'
import type { Traits } from './model-traits.ts'
import { toolIdFor } from './tool-id.ts'
import { VENDOR, type WireMessage } from './wire.ts'

/** How the parts of one request are written: what is told on the way is told once. */
export interface Writing {
  readonly traits: Traits
  readonly warnings: Set<string>
  readonly documentName: (wanted: string) => string
}

export function createWriting(traits: Traits, warnings: Set<string>): Writing {
  return { traits, warnings, documentName: createDocumentNames(warnings) }
}

/** Turns as messages: the two sides alternate, and results of tools stand first in the user's next message. */
export function messagesOf(turns: readonly Turn[], writing: Writing): readonly WireMessage[] {
  const messages: { role: WireMessage['role']; content: JsonObject[] }[] = []
  for (const turn of turns) {
    const role = turn.role === 'assistant' ? 'assistant' : 'user'
    const content = turn.parts.flatMap((part) => blocksOf(inTurn(part, turn), writing))
    if (content.length === 0) continue
    const last = messages.at(-1)
    if (last?.role === role) last.content.push(...content)
    else messages.push({ role, content })
  }
  for (const { content } of messages) {
    if (!lacksText(content)) continue
    content.push({ text: BESIDE_FILE })
    writing.warnings.add(`\`${BESIDE_FILE}\` was written beside a file: the provider takes none without text`)
  }
  const last = messages.at(-1)
  return last?.role === 'assistant'
    ? [...messages.slice(0, -1), { ...last, content: withoutLastSpace(last.content, writing) }]
    : messages
}

const BESIDE_FILE = 'See the attached file.'

/** What the model is to go on from must not end in white space. */
function withoutLastSpace(content: readonly JsonObject[], { warnings }: Writing): readonly JsonObject[] {
  const text = stringAt(content.at(-1), 'text')
  if (text === undefined || text === text.trimEnd()) return content
  warnings.add('spaces at the end of the last message were not sent: the provider refuses them')
  return [...content.slice(0, -1), { text: text.trimEnd() }]
}

/** System text between the turns is said by the user, marked as what it is: the API has one place for it, in front of everything. */
function inTurn(part: Part, { role }: Turn): Part {
  const later = role === 'system' || role === 'developer'
  return later && part.type === 'text' ? { ...part, text: `<system>\n${part.text}\n</system>` } : part
}

/** A message with a file must say something beside it, or the API refuses it. */
function lacksText(content: readonly JsonObject[]): boolean {
  return content.some((block) => 'document' in block) && !content.some((block) => 'text' in block)
}

/** Text in front of everything. */
export function systemOf(turns: readonly Turn[], writing: Writing): readonly JsonObject[] {
  return turns.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'text' ? blocksOf(part, writing) : [])))
}

/** A part as content blocks; blank text is none, since the API refuses it. */
export function blocksOf(part: Part, writing: Writing): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return marked(textBlock(part), part.cache, writing)
    case 'refusal':
      return part.text.trim() === '' ? [] : [{ text: part.text }]
    case 'reasoning':
      return thoughts(part, writing)
    case 'tool-call': {
      const toolUseId = toolIdFor(part.id, writing.traits.family)
      return marked({ toolUse: { toolUseId, name: part.name, input: inputObject(part) } }, part.cache, writing)
    }
    case 'tool-result':
      return marked(resultBlock(part, writing), part.cache ?? lastMark(part), writing)
    case 'opaque':
      return [part.value]
    default:
      return marked(mediaBlock(part, writing.documentName), part.cache, writing)
  }
}

function marked(block: JsonObject | undefined, cache: CacheMark | undefined, writing: Writing): readonly JsonObject[] {
  if (block === undefined) return []
  return cache ? [block, cachePoint(cache, writing)] : [block]
}

/** The API's words for how long something is kept. */
const TTLS = ['5m', '1h']

/** A mark stands behind what it marks. */
export function cachePoint({ ttl }: CacheMark, { warnings }: Writing): JsonObject {
  if (ttl === undefined) return { cachePoint: { type: 'default' } }
  if (!TTLS.includes(ttl)) {
    warnings.add(`a cache mark of \`${ttl}\` was sent as the provider's own: it takes \`5m\` and \`1h\``)
    return { cachePoint: { type: 'default' } }
  }
  return { cachePoint: { type: 'default', ttl } }
}

function textBlock({ text, citations = [] }: TextPart): JsonObject | undefined {
  if (text.trim() === '') return undefined
  const own = citations.filter(({ vendor }) => vendor === VENDOR)
  return own.length === 0
    ? { text }
    : { citationsContent: { content: [{ text }], citations: own.map(({ raw }) => raw) } }
}

/** Thoughts go back with the signature that the model gave them, or not at all. */
function thoughts(
  { text = '', signature, redacted }: Extract<Part, { type: 'reasoning' }>,
  { warnings }: Writing,
): readonly JsonObject[] {
  if (signature?.vendor !== VENDOR) {
    warnings.add('thoughts without their signature were not sent: the provider refuses them')
    return []
  }
  const { value } = signature
  if (redacted) return [{ reasoningContent: { redactedContent: value } }]
  return [{ reasoningContent: { reasoningText: { text, signature: value } } }]
}

function lastMark({ parts }: ToolResultPart): CacheMark | undefined {
  const last = parts.findLast((part) => 'cache' in part && part.cache !== undefined)
  return last && 'cache' in last ? last.cache : undefined
}

function resultBlock({ id, parts, failed }: ToolResultPart, writing: Writing): JsonObject {
  const { family } = writing.traits
  const says = family === 'claude' || family === 'nova'
  const content = parts.flatMap((part) => blocksOf(unmarked(part), writing))
  if (failed === true && !says) content.unshift({ text: 'The tool failed:' })
  return {
    toolResult: {
      toolUseId: toolIdFor(id, family),
      content,
      ...(failed === true && says && { status: 'error' }),
    },
  }
}

/** Inside a result nothing can be marked, and text has no sources: a mark there stands behind all of it. */
function unmarked(part: Part): Part {
  if (part.type === 'text') return { type: 'text', text: part.text }
  if (!('cache' in part)) return part
  const { cache: _cache, ...rest } = part
  return rest
}
