import type { Conversation, Part, Turn } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { GAP, namedResults, wordsOf } from '#src/core/parts.ts'
import { partsOf, type Target } from './encode-parts.ts'
import { NO_SIGNATURE, THIRD } from './wire.ts'

/** A conversation's turns as the API has them: system text in front, and what the two sides said. */
export interface Contents {
  readonly system: readonly string[]
  readonly contents: readonly JsonObject[]
}

/** System text stands in front; later text of it stays at its place, marked, since the API has no role for it there. */
export function contentsOf({ turns }: Conversation, target: Target): Contents {
  const begin = turns.findIndex((turn) => !isSystem(turn))
  const front = begin < 0 ? turns : turns.slice(0, begin)
  const rest = begin < 0 ? [] : namedResults(turns.slice(begin))
  return {
    system: front
      .flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])))
      .filter((text) => text !== ''),
    contents: rest.flatMap((turn, at) => contentOf(inOrder(turn, rest, at), target)),
  }
}

function isSystem({ role }: Turn): boolean {
  return role === 'system' || role === 'developer'
}

/** Without ids results belong to calls by their order. */
function inOrder(turn: Turn, turns: readonly Turn[], at: number): Turn {
  if (turn.role !== 'tool') return turn
  const calling = turns.slice(0, at).findLast(({ role }) => role === 'assistant')
  const order = (calling?.parts ?? []).flatMap((part) => (part.type === 'tool-call' ? [part.id] : []))
  const place = (part: Part): number => (part.type === 'tool-result' ? order.indexOf(part.id) : order.length)
  return { ...turn, parts: turn.parts.toSorted((a, b) => place(a) - place(b)) }
}

function contentOf(turn: Turn, target: Target): readonly JsonObject[] {
  if (isSystem(turn)) {
    const text = textOf(turn.parts)
    return text === '' ? [] : [{ role: 'user', parts: [{ text: `[system] ${text}` }] }]
  }
  const parts = turn.parts.flatMap((part) => partsOf(part, target))
  if (parts.length === 0) return []
  if (turn.role !== 'assistant') return [{ role: 'user', parts: resultsFirst(parts) }]
  return [{ role: 'model', parts: withSignature(parts, target) }]
}

/** Results of parallel calls stand together, before what does not fit into them. */
function resultsFirst(parts: readonly JsonObject[]): readonly JsonObject[] {
  const isResult = (part: JsonObject): boolean => 'functionResponse' in part
  return [...parts.filter(isResult), ...parts.filter((part) => !isResult(part))]
}

/** Newer models refuse a step whose first call has no signature: it is said that there is none. */
function withSignature(parts: readonly JsonObject[], { generation }: Target): readonly JsonObject[] {
  if (generation === undefined || generation < THIRD) return parts
  const first = parts.findIndex((part) => 'functionCall' in part)
  return parts.map((part, at) =>
    at === first && part['thoughtSignature'] === undefined ? { ...part, thoughtSignature: NO_SIGNATURE } : part,
  )
}

function textOf(parts: readonly Part[]): string {
  return wordsOf(parts, GAP)
}
