import type { Json, JsonObject } from '#src/core/json.ts'
import { isObject } from '#src/core/json.ts'
import { parseScript } from './parse-script.ts'
import type {
  Answer,
  CitationReply,
  CutFault,
  ErrorFault,
  ErrorReply,
  Place,
  RawReply,
  Reply,
  Script,
  Timing,
  ToolCallReply,
  When,
  Wire,
} from './script.ts'

/** What a reply may have besides its content. */
export interface ReplyOptions extends Reply, Timing {
  readonly wire?: Wire
}

/** A script: answers in order. Throws ScriptError when something in it is wrong. */
export function script(...answers: readonly Answer[]): Script {
  return parseScript({ answers })
}

/** A text. */
export function reply(text: string, options: ReplyOptions = {}): Answer {
  return withOptions({ text }, options)
}

/** A text in exactly these pieces, where the request asks for a stream. */
export function stream(deltas: readonly string[], options: ReplyOptions = {}): Answer {
  return withOptions({ deltas }, options)
}

/** A value that fits the JSON schema of the request. */
export function structured(options: ReplyOptions = {}): Answer {
  return withOptions({ structured: true }, options)
}

/** The model refuses in so many words. */
export function refuse(refusal: string, options: ReplyOptions = {}): Answer {
  return withOptions({ refusal }, options)
}

/** No content at all, and a proper end. */
export function empty(options: ReplyOptions = {}): Answer {
  return withOptions({ empty: true }, options)
}

/** One tool call. Arguments: an object, or the text itself. */
export function toolCall(name: string, args: Json = {}, options: ReplyOptions = {}): Answer {
  return toolCalls([{ name, arguments: args }], options)
}

/** Several tool calls at once. */
export function toolCalls(calls: readonly ToolCallReply[], options: ReplyOptions = {}): Answer {
  return withOptions({ toolCalls: calls }, options)
}

/** The vector that each input gets. */
export function embedding(vector: readonly number[], options: ReplyOptions = {}): Answer {
  return withOptions({ embedding: vector }, options)
}

/** How well each document fits, or how probable each decision is: from 0 to 1, in their order. */
export function scores(values: readonly number[], options: ReplyOptions = {}): Answer {
  return withOptions({ scores: values }, options)
}

/** A text that names where it has it from. */
export function cite(text: string, citations: readonly CitationReply[], options: ReplyOptions = {}): Answer {
  return withOptions({ text, citations }, options)
}

/** Thoughts before a text, signed where the dialect has such a thing; '' as `signature` in `options` is none. */
export function think(reasoning: string, text: string, options: ReplyOptions = {}): Answer {
  return withOptions({ reasoning, text }, options)
}

/** An error status, in the body of the dialect that is spoken. */
export function fail(status: number, options: Omit<ErrorReply, 'status'> & Timing = {}): Answer {
  const { timing, rest } = takeTiming(options)
  return { error: { ...rest, status }, ...timing }
}

/** Exactly this answer. */
export function raw(answer: RawReply): Answer {
  return { raw: answer }
}

/** A redirect, which a gateway must not follow. */
export function redirect(location: string, status = 307): Answer {
  return { raw: { status, headers: { location }, body: '' } }
}

/** The answer breaks off there; `how` says how the connection ends (default `fin`). */
export function cut(answer: Answer, at: Place & Pick<CutFault, 'how'>): Answer {
  return { ...answer, fault: { kind: 'cut', ...at } }
}

/** Nothing more comes from there on. */
export function stall(answer: Answer, at: Place): Answer {
  return { ...answer, fault: { kind: 'stall', ...at } }
}

/** An error inside a 200: instead of a whole answer, or in a stream after `afterEvents` events. */
export function failInside(
  answer: Answer,
  error: string | JsonObject,
  options: Omit<ErrorFault, 'kind' | 'error'> = {},
): Answer {
  const body = isObject(error) ? error : { message: error, type: 'server_error', param: null, code: null }
  return { ...answer, fault: { kind: 'error', error: body, ...options } }
}

/** The answer only to requests that fit. */
export function when(match: When, answer: Answer = {}): Answer {
  return { ...answer, when: match }
}

/** The answer so many times. */
export function times(count: number, answer: Answer): Answer {
  return { ...answer, times: count }
}

function withOptions(content: Reply, options: ReplyOptions): Answer {
  const { wire, ...more } = options
  const { timing, rest } = takeTiming(more)
  return { reply: { ...rest, ...content }, ...timing, ...(wire === undefined ? {} : { wire }) }
}

function takeTiming<T extends Timing>(
  options: T,
): { timing: { timing?: Timing }; rest: Omit<T, 'headMs' | 'firstTokenMs' | 'tokenMs'> } {
  const { headMs, firstTokenMs, tokenMs, ...rest } = options
  const timing: Timing = {
    ...(headMs === undefined ? {} : { headMs }),
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    ...(tokenMs === undefined ? {} : { tokenMs }),
  }
  return { timing: Object.keys(timing).length === 0 ? {} : { timing }, rest }
}
