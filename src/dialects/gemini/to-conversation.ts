import type { Conversation, Field, Part, Turn } from '#src/core/conversation.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { membersOf, type Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'
import { createCalls, type Calls } from './calls.ts'
import { readConfig } from './read-config.ts'
import { readPart } from './read-parts.ts'
import { readToolChoice, readTools } from './read-tools.ts'
import { eitherWay } from './spelling.ts'

/** What only the vendor that keeps it can honour, and without which the answer would not be what was asked for. */
const KEPT = ['cachedContent', 'continuationToken'] as const

/** A request of `generateContent` in the internal form. Throws FailureError, 400 with `param`. */
export function toConversation({ body }: ApiRequest): Conversation {
  const rest: Field[] = []
  const request = eitherWay(membersOf(body, '', rest))
  request.ignore('model')
  for (const name of KEPT)
    if (request.has(name))
      throw invalid(`\`${request.at(name)}\` is kept by Google: no other provider has it`, request.at(name))
  const calls = createCalls()
  const system = readSystem(request, calls)
  const turns = joined(request.each('contents').flatMap((content) => readContent(content, calls)))
  const toolChoice = readToolChoice(request)
  const conversation: Conversation = {
    turns: [...system, ...turns],
    tools: readTools(request),
    ...readConfig(request),
    rest,
    ...(toolChoice && { toolChoice }),
  }
  request.close()
  return conversation
}

/** Clients that keep a stream keep each piece of it as a content of its own: what the model said in a row is one turn. */
function joined(turns: readonly Turn[]): readonly Turn[] {
  const out: Turn[] = []
  for (const turn of turns) {
    const last = out.at(-1)
    if (turn.role === 'assistant' && last?.role === 'assistant')
      out[out.length - 1] = { role: 'assistant', parts: [...last.parts, ...turn.parts] }
    else out.push(turn)
  }
  return out.map((turn) => (turn.role === 'assistant' ? { ...turn, parts: mended(turn.parts) } : turn))
}

/** Pieces of one text, or of one thought, up to and with its signature. */
function mended(parts: readonly Part[]): readonly Part[] {
  const out: Part[] = []
  for (const part of parts) {
    const last = out.at(-1)
    const more = last && continued(last, part)
    if (more) out[out.length - 1] = more
    else out.push(part)
  }
  return out
}

function continued(last: Part, part: Part): Part | undefined {
  if ('signature' in last && last.signature) return undefined
  if (last.type === 'text' && part.type === 'text') return { ...part, text: last.text + part.text }
  if (last.type !== 'reasoning' || part.type !== 'reasoning') return undefined
  return { ...part, text: (last.text ?? '') + (part.text ?? '') }
}

function readSystem(request: Members, calls: Calls): readonly Turn[] {
  const system = request.inner('systemInstruction')
  if (!system) return []
  const parts = partsOf(system, calls)
  return parts.length === 0 ? [] : [{ role: 'system', parts }]
}

function partsOf(content: Members, calls: Calls): readonly Part[] {
  content.ignore('role')
  const parts = content.each('parts').flatMap((part) => readPart(part, calls))
  content.close()
  return parts
}

/** Results of tools stand in what the user says: they are a turn of their own, before the rest of it. */
function readContent(content: Members, calls: Calls): readonly Turn[] {
  const role = content.string('role') ?? 'user'
  const parts = partsOf(content, calls)
  if (role === 'model') return parts.length === 0 ? [] : [{ role: 'assistant', parts }]
  if (role !== 'user' && role !== 'function' && role !== 'tool')
    throw invalid(`invalid value for \`${content.at('role')}\`: expected \`user\` or \`model\``, content.at('role'))
  const results = parts.filter(({ type }) => type === 'tool-result')
  const others = parts.filter(({ type }) => type !== 'tool-result')
  return [
    ...(results.length > 0 ? [{ role: 'tool', parts: results } as const] : []),
    ...(others.length > 0 ? [{ role: 'user', parts: others } as const] : []),
  ]
}
