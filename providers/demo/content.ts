import type { Json, JsonObject } from '#src/core/json.ts'
import { arrayAt, numberAt, objectAt, stringAt } from '#src/core/json.ts'
import { cutInto, splitText } from './pieces.ts'
import { draw, idOf } from './random.ts'
import { sampleOf } from './sample-schema.ts'
import type { Reply, ToolCallReply } from './script.ts'

/** One answer of a model, in the pieces that a stream sends. A piece is a token. */
export interface Content {
  readonly text: readonly string[] | undefined
  readonly reasoning: readonly string[]
  readonly refusal: readonly string[] | undefined
  readonly tools: readonly ToolCall[]
  readonly finish: string
}

export interface ToolCall {
  readonly id: string
  readonly name: string
  /** The argument text in pieces; a single one travels with the name. */
  readonly pieces: readonly string[]
  readonly whole: boolean
}

/** What the model answers to this body: what the script says, or what the request asks for where the script says nothing. */
export function contentOf(reply: Reply, body: JsonObject, seed: string): Content {
  const written = saysSomething(reply) ? reply : defaultReply(body)
  const full = writtenText(written, body)
  const text = written === reply ? full : limited(full, body)
  const tools = (written.toolCalls ?? []).map((call, index) => toolCall(call, `${seed}/${index}`))
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

function writtenText(reply: Reply, body: JsonObject): readonly string[] | undefined {
  if (reply.empty === true) return undefined
  if (reply.deltas !== undefined) return reply.deltas
  if (reply.text !== undefined) return splitText(reply.text)
  if (reply.structured === true) return splitText(JSON.stringify(sampleOf(schemaOf(body))))
  return undefined
}

function limited(text: readonly string[] | undefined, body: JsonObject): readonly string[] | undefined {
  const limit = numberAt(body, 'max_completion_tokens') ?? numberAt(body, 'max_tokens')
  return limit === undefined ? text : text?.slice(0, Math.max(0, limit))
}

/** What a well-behaved model does: calls the tool it is given, keeps to the schema, else says hello in two languages. */
function defaultReply(body: JsonObject): Reply {
  const tool = wantedTool(body)
  if (tool !== undefined)
    return { toolCalls: [{ name: stringAt(tool, 'name') ?? '', arguments: sampleOf(tool['parameters']) }] }
  const format = stringAt(objectAt(body, 'response_format'), 'type')
  if (format === 'json_schema') return { structured: true }
  const model = stringAt(body, 'model') ?? 'a model'
  if (format === 'json_object') return { text: JSON.stringify({ greeting: '안녕하세요', model }) }
  return { text: `안녕하세요! I am ${model}, a scripted model: nothing was sent anywhere. 무엇을 도와드릴까요? 👋` }
}

function schemaOf(body: JsonObject): Json | undefined {
  return objectAt(objectAt(body, 'response_format'), 'json_schema')?.['schema']
}

/** The function to call: the one that is asked for, else the first, and none once a tool has answered. */
function wantedTool(body: JsonObject): JsonObject | undefined {
  const functions = (arrayAt(body, 'tools') ?? [])
    .map((tool) => objectAt(tool, 'function'))
    .filter((each) => each !== undefined)
  const answered = (arrayAt(body, 'messages') ?? []).some((message) => stringAt(message, 'role') === 'tool')
  if (body['tool_choice'] === 'none' || answered) return undefined
  const wanted = stringAt(objectAt(objectAt(body, 'tool_choice'), 'function'), 'name')
  return functions.find((each) => wanted === undefined || stringAt(each, 'name') === wanted)
}

function toolCall(call: ToolCallReply, seed: string): ToolCall {
  const text = typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments ?? {})
  const count = call.pieces ?? 3
  return { id: call.id ?? idOf('call_', seed), name: call.name, pieces: cutInto(text, count), whole: count === 1 }
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
