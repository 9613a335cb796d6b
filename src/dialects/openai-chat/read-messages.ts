import type { Citation, Part, ReasoningPart, Signature, ToolCallPart, Turn } from '#src/core/conversation.ts'
import { objectAt, stringAt, type Json } from '#src/core/json.ts'
import { sourceOfUrl } from '../shared/media.ts'
import type { Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'
import { readParts } from './read-parts.ts'

/** The `messages` as turns. Results that follow each other are one turn: other dialects want all of them together. */
export function readMessages(messages: readonly Members[]): readonly Turn[] {
  const turns: Turn[] = []
  const older: OlderCalls = { ids: new Map(), count: 0 }
  const custom = new Set<string>()
  for (const message of messages) {
    const turn = ofCustom(readMessage(message, older), custom)
    const last = turns.at(-1)
    if (turn.role === 'tool' && last?.role === 'tool') {
      turns[turns.length - 1] = { role: 'tool', parts: [...last.parts, ...turn.parts] }
    } else turns.push(turn)
    message.close()
  }
  return turns
}

/** A result does not say that its tool is one that takes text: its call did. */
function ofCustom(turn: Turn, custom: Set<string>): Turn {
  for (const part of turn.parts) {
    if (part.type !== 'tool-call') continue
    if (part.custom) custom.add(part.id)
    // An id may come again in a later turn, for a call of another kind.
    else custom.delete(part.id)
  }
  if (turn.role !== 'tool' || custom.size === 0) return turn
  const parts = turn.parts.map((part) =>
    part.type === 'tool-result' && custom.has(part.id) ? { ...part, custom: true } : part,
  )
  return { ...turn, parts }
}

/** The older `function_call` has no id: each gets one, and a result belongs to the last call of its name. */
interface OlderCalls {
  readonly ids: Map<string, string>
  count: number
}

function readMessage(message: Members, older: OlderCalls): Turn {
  const role = message.string('role')
  switch (role) {
    case 'system':
    case 'developer':
    case 'user':
      return { role, parts: contentOf(message), ...nameOf(message) }
    case 'assistant':
      return { role, parts: readAssistant(message, older), ...nameOf(message) }
    case 'tool': {
      const id = message.string('tool_call_id') ?? missing(message, 'tool_call_id')
      return { role, parts: [{ type: 'tool-result', id, ...nameOf(message), parts: contentOf(message) }] }
    }
    case 'function': {
      const name = message.string('name') ?? missing(message, 'name')
      return {
        role: 'tool',
        parts: [{ type: 'tool-result', id: older.ids.get(name) ?? `call_${name}`, name, parts: contentOf(message) }],
      }
    }
    default:
      throw invalid(
        `invalid value for \`${message.at('role')}\`: expected \`system\`, \`developer\`, \`user\`, \`assistant\` or \`tool\``,
        message.at('role'),
      )
  }
}

function nameOf(message: Members): { readonly name?: string } {
  const name = message.string('name')
  return name === undefined ? {} : { name }
}

/** Only a model may have said nothing. */
function contentOf(message: Members): readonly Part[] {
  return message.has('content') ? readParts(message) : missing(message, 'content')
}

function missing(members: Members, name: string): never {
  throw invalid(`missing required parameter: \`${members.at(name)}\``, members.at(name))
}

function readAssistant(message: Members, older: OlderCalls): readonly Part[] {
  const parts: Part[] = [...readReasoning(message), ...cited(readParts(message), readAnnotations(message))]
  const refusal = message.string('refusal')
  if (refusal !== undefined && refusal !== '') parts.push({ type: 'refusal', text: refusal })
  const audio = message.inner('audio')
  if (audio) parts.push(readSound(audio))
  for (const image of message.each('images')) parts.push(...readImage(image))
  for (const call of message.each('tool_calls')) parts.push(readCall(call))
  const call = message.inner('function_call')
  if (call) parts.push(readOlderCall(call, older))
  return parts
}

/** A sound that the model made before: its id stands for all of it. */
function readSound(audio: Members): Part {
  const id = audio.string('id') ?? missing(audio, 'id')
  const transcript = audio.string('transcript')
  audio.ignore('data', 'expires_at')
  audio.close()
  return { type: 'audio', source: { kind: 'id', id }, ...(transcript !== undefined && { transcript }) }
}

/** A picture that the model made before, as OpenRouter's dialect has it. */
function readImage(image: Members): readonly Part[] {
  image.ignore('type', 'index')
  const own = image.inner('image_url')
  const url = own?.string('url')
  own?.close()
  image.close()
  return url === undefined ? [] : [{ type: 'image', source: sourceOfUrl(url) }]
}

function readAnnotations(message: Members): readonly Citation[] {
  return message.each('annotations').flatMap((annotation): readonly Citation[] => {
    const own = objectAt(annotation.whole(), 'url_citation')
    const [url, title] = [stringAt(own, 'url'), stringAt(own, 'title')]
    const known = { ...(url !== undefined && { url }), ...(title !== undefined && { title }) }
    return [{ vendor: 'openai', raw: annotation.whole(), ...known }]
  })
}

function cited(parts: readonly Part[], citations: readonly Citation[]): readonly Part[] {
  const at = parts.findLastIndex(({ type }) => type === 'text')
  if (citations.length === 0 || at < 0) return parts
  return parts.map((part, index) => (index === at && part.type === 'text' ? { ...part, citations } : part))
}

/** The names under which clients send thoughts back; where two carry them, they carry the same. */
const REASONING = ['reasoning_content', 'reasoning', 'reasoning_text', 'thinking'] as const

function readReasoning(message: Members): readonly ReasoningPart[] {
  const text = REASONING.map((name) => message.string(name)).find((own) => own !== undefined && own !== '')
  const details = [
    ...message.each('reasoning_details').map(readDetail),
    ...message.each('thinking_blocks').map(readBlock),
  ]
  if (details.length > 0) return details
  return text === undefined ? [] : [{ type: 'reasoning', text }]
}

/** LiteLLM's form: Anthropic's blocks as they are. */
function readBlock(block: Members): ReasoningPart {
  const [text, data] = [block.string('thinking'), block.string('data')]
  const value = block.string('signature') ?? data
  block.ignore('type')
  block.close()
  return {
    type: 'reasoning',
    ...(text !== undefined && { text }),
    ...(value !== undefined && { signature: { vendor: 'anthropic', value } }),
    ...(data !== undefined && { redacted: true }),
  }
}

/** OpenRouter's form. Its `format` says whose token it is: `anthropic-claude-v1`. */
function readDetail(detail: Members): ReasoningPart {
  const [text, summary, format = ''] = [detail.string('text'), detail.string('summary'), detail.string('format')]
  const redacted = detail.has('data')
  const value = detail.string('signature') ?? detail.string('data')
  detail.ignore('type', 'id', 'index', 'signature', 'data')
  detail.close()
  const vendor = VENDORS.find((known) => format.startsWith(known)) ?? 'openrouter'
  return {
    type: 'reasoning',
    ...(text !== undefined && { text }),
    ...(summary !== undefined && { summary: [summary] }),
    ...(value !== undefined && { signature: { vendor, value } }),
    ...(redacted && { redacted }),
  }
}

const VENDORS = ['anthropic', 'google', 'openai'] as const

function readCall(call: Members): ToolCallPart {
  const id = call.string('id') ?? missing(call, 'id')
  call.ignore('type', 'index')
  const custom = call.inner('custom')
  const own = custom ?? call.inner('function') ?? missing(call, 'function')
  const name = own.string('name') ?? missing(own, 'name')
  const input = own.string(custom ? 'input' : 'arguments') ?? ''
  const signature = signatureOf(call.any('extra_content'))
  own.close()
  call.close()
  return {
    type: 'tool-call',
    id,
    name,
    input: custom || input.trim() !== '' ? input : '{}',
    ...(custom && { custom: true }),
    ...(signature && { signature }),
  }
}

function signatureOf(extra: Json | undefined): Signature | undefined {
  const value = stringAt(objectAt(extra, 'google'), 'thought_signature')
  return value === undefined ? undefined : { vendor: 'google', value }
}

function readOlderCall(call: Members, older: OlderCalls): ToolCallPart {
  const name = call.string('name') ?? missing(call, 'name')
  const input = call.string('arguments') ?? ''
  const id = `call_${older.count++}_${name}`
  older.ids.set(name, id)
  call.close()
  return { type: 'tool-call', id, name, input: input.trim() === '' ? '{}' : input }
}
