import type { Json, JsonObject } from '#src/core/json.ts'
import { numberAt, parseJson } from '#src/core/json.ts'
import { cutInto, splitText } from './pieces.ts'
import { draw, idOf } from './random.ts'
import { sampleOf } from './sample-schema.ts'
import type { Reply, ToolCallReply } from './script.ts'
import type { Render, Wish, WishedTool } from './surface.ts'

/** One answer of a model, in the pieces that a stream sends. A piece is a token. */
export interface Content {
  readonly text: readonly string[] | undefined
  readonly reasoning: readonly string[]
  readonly refusal: readonly string[] | undefined
  readonly tools: readonly ToolCall[]
  /** `stop`, `length`, `tool_calls`, or the script's word. */
  readonly finish: string
}

export interface ToolCall {
  /** The script's; undefined: each dialect makes its own. */
  readonly id: string | undefined
  readonly seed: string
  readonly name: string
  /** The argument text in pieces; a single one travels with the name. */
  readonly pieces: readonly string[]
  readonly whole: boolean
}

/** What the model answers: what the script says, or what the request asks for where the script says nothing. `index`: of several answers. */
export function contentOf({ reply, wish, model, seed }: Render, index = 0): Content {
  const written = saysSomething(reply) ? reply : defaultReply(wish, model)
  const full = writtenText(written, wish)
  const text = written === reply ? full : limited(full, wish)
  const tools = (written.toolCalls ?? []).map((call, at) => toolCall(call, `${seed}/${index}/${at}`))
  const cut = (text ?? []).length < (full ?? []).length
  const natural = cut ? 'length' : tools.length > 0 ? 'tool_calls' : 'stop'
  return {
    text,
    reasoning: splitText(written.reasoning ?? ''),
    refusal: written.refusal === undefined ? undefined : splitText(written.refusal),
    tools,
    finish: reply.finishReason ?? natural,
  }
}

/** What a dialect has for `stop`, `length`, `tool_calls` and `content_filter`. */
export type FinishWords = Readonly<Record<'stop' | 'length' | 'tool_calls' | 'content_filter', string>>

/** Why an answer ended, in a dialect's word; a word of the script's that is in no list stands as it is. */
export function finishWord({ finish, refusal }: Content, words: FinishWords): string {
  const own = refusal !== undefined && finish === 'stop' ? 'content_filter' : finish
  return Object.entries(words).find(([name]) => name === own)?.[1] ?? own
}

/** What is said, in dialects where a refusal is text like any other; undefined: nothing is. */
export function wordsOf({ text, refusal }: Content): readonly string[] | undefined {
  return text === undefined && refusal === undefined ? undefined : [...(text ?? []), ...(refusal ?? [])]
}

/** Tokens that were generated, reasoning included. */
export function tokensOf(content: Content): { readonly output: number; readonly reasoning: number } {
  const reasoning = content.reasoning.length
  const tools = content.tools.reduce((sum, call) => sum + call.pieces.length, 0)
  return { output: (content.text ?? []).length + (content.refusal ?? []).length + tools + reasoning, reasoning }
}

function saysSomething(reply: Reply): boolean {
  const { text, deltas, reasoning, refusal, toolCalls, structured, empty } = reply
  return [text, deltas, reasoning, refusal, toolCalls].some((each) => each !== undefined) || !!structured || !!empty
}

function writtenText(reply: Reply, wish: Wish): readonly string[] | undefined {
  if (reply.empty === true) return undefined
  if (reply.deltas !== undefined) return reply.deltas
  if (reply.text !== undefined) return splitText(reply.text)
  if (reply.structured === true) return splitText(JSON.stringify(sampleOf(schemaOf(wish))))
  return undefined
}

function limited(text: readonly string[] | undefined, { limit }: Wish): readonly string[] | undefined {
  return limit === undefined ? text : text?.slice(0, Math.max(0, limit))
}

/** What a well-behaved model does: calls the tool it is given, keeps to the schema, else says hello in two languages. */
function defaultReply(wish: Wish, model: string): Reply {
  const tool = wantedTool(wish)
  if (tool !== undefined) return { toolCalls: [{ name: tool.name, arguments: sampleOf(tool.parameters) }] }
  const name = model === '' ? 'a model' : model
  if (wish.format === 'json') return { text: JSON.stringify({ greeting: '안녕하세요', model: name }) }
  if (wish.format !== undefined) return { structured: true }
  return { text: `안녕하세요! I am ${name}, a scripted model: nothing was sent anywhere. 무엇을 도와드릴까요? 👋` }
}

function schemaOf({ format }: Wish): Json | undefined {
  return format === 'json' ? undefined : format?.schema
}

/** The function to call: the one that is asked for, else the first, and none once a tool has answered. */
function wantedTool({ tools, mayCall, tool }: Wish): WishedTool | undefined {
  return mayCall ? tools.find((each) => tool === undefined || each.name === tool) : undefined
}

function toolCall(call: ToolCallReply, seed: string): ToolCall {
  const text = typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments ?? {})
  const count = call.pieces ?? 3
  return { id: call.id, seed, name: call.name, pieces: cutInto(text, count), whole: count === 1 }
}

/** The id of a call, with what a dialect begins them with. */
export function callId({ id, seed }: ToolCall, prefix: string): string {
  return id ?? idOf(prefix, seed)
}

/** Arguments where a dialect has them as an object; text that is no JSON stays text. */
export function argumentsOf({ pieces }: ToolCall): Json {
  const text = pieces.join('')
  return text === '' ? {} : (parseJson(text) ?? text)
}

/** What proves where thoughts are from; undefined: the script wants none. */
export function signatureOf({ reply, seed }: Render): string | undefined {
  // 24 characters: whole groups of base64.
  const signature = reply.signature ?? idOf('sig_', seed).slice(0, 24)
  return signature === '' ? undefined : signature
}

/** Log probabilities of some tokens, in OpenAI's form. */
export function logprobsOf(tokens: readonly string[], body: JsonObject): Json {
  const alternatives = numberAt(body, 'top_logprobs') ?? 0
  const entry = (token: string) => ({
    token,
    logprob: -draw(token),
    bytes: [...new TextEncoder().encode(token)],
  })
  return {
    content: tokens.map((token) => ({ ...entry(token), top_logprobs: alternatives > 0 ? [entry(token)] : [] })),
    refusal: null,
  }
}

export function asksLogprobs(reply: Reply, body: JsonObject): boolean {
  return reply.logprobs ?? body['logprobs'] === true
}
