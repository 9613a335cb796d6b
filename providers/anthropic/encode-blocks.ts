import type { CacheMark, Citation, Part, ReasoningPart, Turn } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { inputObject } from '#src/core/parts.ts'
import { mediaBlock } from './encode-media.ts'
import { VENDOR } from './wire.ts'

/** How turns are written, and what the caller is told of it. */
export interface Writing {
  /** `system` may stand among the messages; else it is said in the user's. */
  readonly laterSystem: boolean
  readonly warnings: Set<string>
}

interface Message {
  readonly role: string
  readonly content: JsonObject[]
}

/** Turns as messages: those of one side are one message, and results of tools stand first in the user's message behind the calls. */
export function messagesOf(turns: readonly Turn[], writing: Writing): readonly JsonObject[] {
  const messages: Message[] = []
  for (const turn of turns) {
    const content = contentOf(turn, writing)
    if (content.length > 0) add({ role: roleOf(turn, writing), content }, messages)
  }
  trimPrefill(messages.at(-1), writing)
  return messages.map(({ role, content }) => ({
    role,
    content: isResult(content[0]) ? content : content.toSorted(resultsFirst),
  }))
}

function add(message: Message, messages: Message[]): void {
  const last = messages.at(-1)
  if (last?.role === message.role) last.content.push(...message.content)
  else if (last?.role === 'system' && message.content.some(isResult)) {
    // Nothing may stand between calls and their results.
    const before = messages.at(-2)
    if (before?.role === 'user') before.content.push(...message.content)
    else messages.splice(-1, 0, message)
  } else messages.push(message)
}

function isResult(block: JsonObject | undefined): boolean {
  return block?.['type'] === 'tool_result'
}

function resultsFirst(a: JsonObject, b: JsonObject): number {
  return Number(isResult(b)) - Number(isResult(a))
}

function roleOf({ role }: Turn, { laterSystem }: Writing): string {
  if (role === 'assistant') return role
  return isSystem(role) && laterSystem ? 'system' : 'user'
}

export function isSystem(role: Turn['role']): boolean {
  return role === 'system' || role === 'developer'
}

function contentOf(turn: Turn, writing: Writing): JsonObject[] {
  const content = turn.parts.flatMap((part) => blockOf(part, writing))
  if (!isSystem(turn.role) || writing.laterSystem || content.length === 0) return content
  return [{ type: 'text', text: '<system>' }, ...content, { type: 'text', text: '</system>' }]
}

/** An answer that is to be gone on with may not end in a space. */
function trimPrefill(message: Message | undefined, { warnings }: Writing): void {
  const last = message?.content.at(-1)
  const text = message?.role === 'assistant' && last?.['type'] === 'text' ? last['text'] : undefined
  if (!message || typeof text !== 'string' || text === text.trimEnd()) return
  message.content.splice(-1, 1, { ...last, text: text.trimEnd() })
  warnings.add('spaces at the end of the last message were not sent: the provider refuses them')
}

export function marked(block: JsonObject, cache: CacheMark | undefined): JsonObject {
  if (!cache) return block
  const { ttl } = cache
  // The API knows five minutes and an hour: what is longer is an hour.
  const own = ttl === undefined || ttl === '5m' ? ttl : '1h'
  return { ...block, cache_control: { type: 'ephemeral', ...(own !== undefined && { ttl: own }) } }
}

/** A part as content blocks; blank text is none, since the API refuses it. */
export function blockOf(part: Part, writing: Writing): readonly JsonObject[] {
  switch (part.type) {
    case 'text': {
      if (part.text.trim() === '') return []
      const citations = citationsOf(part.citations ?? [], writing)
      const block = { type: 'text', text: part.text, ...(citations.length > 0 && { citations }) }
      return [marked(block, part.cache)]
    }
    case 'refusal':
      return part.text.trim() === '' ? [] : [{ type: 'text', text: part.text }]
    case 'reasoning':
      return thoughtOf(part, writing)
    case 'tool-call': {
      const block = { type: 'tool_use', id: wireId(part.id), name: part.name, input: inputObject(part) }
      return [marked(block, part.cache)]
    }
    case 'tool-result': {
      const content = part.parts.flatMap((inner) => blockOf(inner, writing))
      const block = {
        type: 'tool_result',
        tool_use_id: wireId(part.id),
        ...(content.length > 0 && { content }),
        ...(part.failed === true && { is_error: true }),
      }
      return [marked(block, part.cache)]
    }
    case 'opaque':
      return [part.value]
    default: {
      const block = mediaBlock(part)
      if (!block) writing.warnings.add(`\`${part.type}\` was not sent: the provider does not take it`)
      return block ? [marked(block, part.cache)] : []
    }
  }
}

/** Only its own come back in a form that the API knows. */
function citationsOf(citations: readonly Citation[], { warnings }: Writing): readonly JsonObject[] {
  const own = citations.filter(({ vendor }) => vendor === VENDOR)
  if (own.length < citations.length) {
    warnings.add('`citations` were not sent: only the provider that made them understands them')
  }
  return own.map(({ raw }) => raw)
}

/** Thoughts without their signature are refused: rather nothing than words that were never said. */
function thoughtOf(part: ReasoningPart, { warnings }: Writing): readonly JsonObject[] {
  const { signature } = part
  if (signature?.vendor !== VENDOR) {
    warnings.add('`reasoning` of earlier turns was not sent: the provider takes it with its own signature only')
    return []
  }
  if (part.redacted) return [{ type: 'redacted_thinking', data: signature.value }]
  return [{ type: 'thinking', thinking: part.text ?? '', signature: signature.value }]
}

/** The API takes letters, digits, `_` and `-` in the ids of calls; others have dots, colons and bars there. */
function wireId(id: string): string {
  let out = ''
  for (const char of id) out += isIdLetter(char) ? char : '_'
  return out === id && id !== '' ? id : `${out}_${hash(id).toString(36)}`
}

function isIdLetter(char: string): boolean {
  return (
    (char >= 'a' && char <= 'z') ||
    (char >= 'A' && char <= 'Z') ||
    (char >= '0' && char <= '9') ||
    char === '_' ||
    char === '-'
  )
}

/** FNV-1a: ids that differ in such letters only stay apart. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value >>> 0
}
