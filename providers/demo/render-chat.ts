import type { Json, JsonObject } from '#src/core/json.ts'
import type { Content, ToolCall } from './content.ts'
import { asksLogprobs, contentOf, logprobsOf, tokensOf } from './content.ts'
import { countTokens } from './pieces.ts'
import type { Render, StreamEvent } from './render.ts'
import { choiceCount, envelope, interleave } from './render.ts'
import type { Counted } from './usage.ts'
import { usageOf, usagePlace } from './usage.ts'

/** A whole `chat.completion`. */
export function renderChat(render: Render): JsonObject {
  const contents = contentsOf(render)
  const choices = contents.map((content, index) => ({
    index,
    message: message(content, render),
    logprobs: asksLogprobs(render.reply, render.body) ? logprobsOf(content.text ?? [], render.body) : null,
    finish_reason: content.finish,
  }))
  const usage = usageOf(render.reply, count(contents, render))
  const body = { ...envelope(render, 'chatcmpl-', 'chat.completion'), choices }
  return render.reply.usageIn === 'never' ? body : { ...body, usage }
}

/** The same answer as `chat.completion.chunk` objects. */
export function renderChatStream(render: Render): StreamEvent[] {
  const contents = contentsOf(render)
  const head = envelope(render, 'chatcmpl-', 'chat.completion.chunk')
  const place = usagePlace(render.reply, render.body)
  const input = count([], render).input
  const sent = { input, output: 0, reasoning: 0 }
  const events = interleave(contents.map((content, index) => choiceDeltas(content, index, render))).map((delta) => {
    if (delta.generated) sent.output++
    const usage = usageMember(place, delta.last, {
      render,
      counted: delta.last ? count(contents, render) : { ...sent },
    })
    return { json: { ...head, choices: [delta.choice], ...usage }, generated: delta.generated }
  })
  if (place !== 'last') return events
  const usage = usageOf(render.reply, count(contents, render))
  return [...events, { json: { ...head, choices: [], usage }, generated: false }]
}

function usageMember(
  place: ReturnType<typeof usagePlace>,
  last: boolean,
  from: { readonly render: Render; readonly counted: Counted },
): JsonObject {
  if (place === 'last') return { usage: null }
  if (place === 'every' || (place === 'finish' && last)) return { usage: usageOf(from.render.reply, from.counted) }
  return {}
}

function contentsOf(render: Render): Content[] {
  return Array.from({ length: choiceCount(render) }, (_, index) =>
    contentOf(render.reply, render.body, `${render.seed}/${index}`),
  )
}

function count(contents: readonly Content[], render: Render): Counted {
  const each = contents.map(tokensOf)
  return {
    input: countTokens(JSON.stringify(render.body['messages'] ?? '')),
    output: each.reduce((sum, tokens) => sum + tokens.output, 0),
    reasoning: each.reduce((sum, tokens) => sum + tokens.reasoning, 0),
  }
}

function message(content: Content, render: Render): JsonObject {
  const tools = content.tools.map((call) => wholeCall(call))
  return {
    role: 'assistant',
    content: content.text?.join('') ?? null,
    refusal: content.refusal?.join('') ?? null,
    ...(content.reasoning.length > 0 ? { [reasoningField(render)]: content.reasoning.join('') } : {}),
    ...(tools.length > 0 ? { tool_calls: tools } : {}),
  }
}

function wholeCall(call: ToolCall): JsonObject {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.pieces.join('') } }
}

function reasoningField(render: Render): string {
  return render.reply.reasoningField ?? 'reasoning_content'
}

interface ChoiceDelta {
  readonly choice: JsonObject
  readonly generated: boolean
  readonly last: boolean
}

function choiceDeltas(content: Content, index: number, render: Render): ChoiceDelta[] {
  const withLogprobs = asksLogprobs(render.reply, render.body)
  const choice = (delta: JsonObject, more: { logprobs?: Json; finish?: string } = {}): JsonObject => ({
    index,
    delta,
    logprobs: more.logprobs ?? null,
    finish_reason: more.finish ?? null,
  })
  const piece = (delta: JsonObject, logprobs?: Json): ChoiceDelta => ({
    choice: choice(delta, logprobs === undefined ? {} : { logprobs }),
    generated: true,
    last: false,
  })
  const text = (content.text ?? []).map((part) =>
    piece({ content: part }, withLogprobs ? logprobsOf([part], render.body) : undefined),
  )
  const opening = { role: 'assistant', content: content.text === undefined ? null : '', refusal: null }
  return [
    { choice: choice(opening), generated: false, last: false },
    ...content.reasoning.map((part) => piece({ [reasoningField(render)]: part })),
    ...text,
    ...(content.refusal ?? []).map((part) => piece({ refusal: part })),
    ...content.tools.flatMap((call, at) => callDeltas(call, at).map((delta) => piece(delta))),
    { choice: choice({}, { finish: content.finish }), generated: false, last: true },
  ]
}

/** A call in one delta, or its head first and then its arguments, as OpenAI sends it. */
function callDeltas(call: ToolCall, index: number): JsonObject[] {
  if (call.whole) return [{ tool_calls: [{ index, ...wholeCall(call) }] }]
  const head = { index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }
  const rest = call.pieces.map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] }))
  return [{ tool_calls: [head] }, ...rest]
}
