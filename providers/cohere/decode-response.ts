import type { Answer, TokenLogprob } from '#src/core/answer.ts'
import type { Decoded } from '#src/core/codec.ts'
import type { Citation, Part, TextPart } from '#src/core/conversation.ts'
import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { inputText } from '#src/core/parts.ts'
import { convertUsage } from './convert-usage.ts'
import { failureInside, noMessage } from './map-error.ts'
import { finishOf } from './map-finish-reason.ts'
import { VENDOR } from './wire.ts'

const KNOWN: ReadonlySet<string> = new Set(['id', 'message', 'finish_reason', 'usage', 'logprobs', 'prompt'])

/** A whole answer of chat. `id` makes the ids of calls that have none. */
export function decodeChat(value: JsonObject, id: string): Decoded {
  const message = objectAt(value, 'message')
  if (!message) return { failure: stringAt(value, 'message') === undefined ? noMessage() : failureInside(value) }
  const parts = partsOf(message, id)
  const raw = stringAt(value, 'finish_reason')
  const finish = finishOf(
    raw,
    parts.some(({ type }) => type === 'tool-call'),
  )
  if (!finish) return { failure: failureInside({ error: stringAt(value, 'error') ?? null }, raw) }
  const logprobs = (arrayAt(value, 'logprobs') ?? []).flatMap(logprobOf)
  const [own, usage, rest] = [stringAt(value, 'id'), objectAt(value, 'usage'), restOf(value)]
  const answer: Answer = {
    ...(own !== undefined && { id: own }),
    choices: [{ index: 0, parts, finish, ...(logprobs.length > 0 && { logprobs }) }],
    ...(usage && { usage: convertUsage(usage) }),
    ...(rest && { rest }),
  }
  return { answer }
}

function restOf(value: JsonObject): JsonObject | undefined {
  const others = Object.entries(value).filter(([name, own]) => own !== null && !KNOWN.has(name))
  return others.length === 0 ? undefined : Object.fromEntries(others)
}

/** It plans before it calls; so the plan stands in front, as in a stream. */
function partsOf(message: JsonObject, id: string): readonly Part[] {
  const plan = stringAt(message, 'tool_plan') ?? ''
  const citations = arrayAt(message, 'citations') ?? []
  const content = arrayAt(message, 'content') ?? []
  const said = content.flatMap((block, at): readonly Part[] => {
    if (stringAt(block, 'type') === 'thinking') return thinking(stringAt(block, 'thinking') ?? '')
    const text = stringAt(block, 'text') ?? ''
    return text === ''
      ? []
      : [
          cited(
            text,
            citations.filter((one) => belongsTo(one, content, at)),
          ),
        ]
  })
  const calls = (arrayAt(message, 'tool_calls') ?? []).map((call, at) => callOf(call, `call_${id}_${at}`))
  return [...thinking(plan), ...said, ...calls]
}

function thinking(text: string): readonly Part[] {
  return text === '' ? [] : [{ type: 'reasoning', text }]
}

function callOf(call: Json, otherwise: string): Part {
  const own = objectAt(call, 'function')
  const { id, name } = callHead(call, otherwise)
  return { type: 'tool-call', id, name, input: inputText(own?.['arguments']) }
}

/** Whose call it is, and what is called. */
export function callHead(call: Json | undefined, otherwise: string): { readonly id: string; readonly name: string } {
  const id = stringAt(call, 'id') ?? ''
  return { id: id === '' ? otherwise : id, name: stringAt(objectAt(call, 'function'), 'name') ?? '' }
}

/** A citation counts from the beginning of one block of text: of the first where it does not say which. */
function belongsTo(citation: Json, content: readonly Json[], at: number): boolean {
  if (!isTextCitation(citation)) return false
  const own = numberAt(citation, 'content_index')
  const first = content.findIndex((block) => stringAt(block, 'type') !== 'thinking')
  return (own !== undefined && stringAt(content[own], 'type') === 'text' ? own : first) === at
}

/** Plans and thoughts are cited too; only a text has a place for it. */
export function isTextCitation(citation: Json | undefined): citation is JsonObject {
  return isObject(citation) && (stringAt(citation, 'type') ?? 'TEXT_CONTENT') === 'TEXT_CONTENT'
}

function cited(text: string, citations: readonly Json[]): TextPart {
  const own = citations.flatMap((one) => (isObject(one) ? [citationOf(one, astralIn(text))] : []))
  return { type: 'text', text, ...(own.length > 0 && { citations: own }) }
}

/** Where characters of two UTF-16 units stand, in characters from `from`: Cohere counts characters, others units. */
export function astralIn(text: string, from = 0): readonly number[] {
  const found: number[] = []
  let at = from
  for (const char of text) {
    if (char.length === 2) found.push(at)
    at++
  }
  return found
}

/** `astral`: see `astralIn`, of the text that the citation counts in. */
export function citationOf(raw: JsonObject, astral: readonly number[]): Citation {
  const units = (name: string): number | undefined => {
    const at = numberAt(raw, name)
    return at === undefined ? undefined : at + astral.filter((one) => one < at).length
  }
  const [start, end, quote] = [units('start'), units('end'), stringAt(raw, 'text')]
  const source = (arrayAt(raw, 'sources') ?? []).find(isObject)
  const from = objectAt(source, 'document') ?? objectAt(source, 'tool_output')
  const [url, title] = [stringAt(from, 'url'), stringAt(from, 'title')]
  return {
    vendor: VENDOR,
    raw,
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(quote !== undefined && { quote }),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
  }
}

/** A piece of text, and the probabilities of the tokens that it is made of: together they are that of the piece. */
export function logprobOf(item: Json): readonly TokenLogprob[] {
  const token = stringAt(item, 'text')
  const values = arrayAt(item, 'logprobs')?.filter((value) => typeof value === 'number') ?? []
  if (token === undefined || values.length === 0) return []
  return [{ token, logprob: values.reduce((sum, value) => sum + value, 0) }]
}
