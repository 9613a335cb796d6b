import type { Json, JsonObject } from '#src/core/json.ts'
import type { Content, ToolCall } from './content.ts'
import { asksLogprobs, callId, logprobsOf } from './content.ts'
import { citationsOf } from './citations.ts'
import { contentsOf, DONE, envelope, interleave } from './render.ts'
import type { StreamEvent } from './framing.ts'
import type { Render } from './surface.ts'
import type { Counted } from './usage.ts'
import { countOf, usageOf, usagePlace } from './usage.ts'

/** A whole `chat.completion`. */
export function renderChat(render: Render): JsonObject {
  const contents = contentsOf(render)
  const choices = contents.map((content, index) => ({
    index,
    message: message(content, render),
    logprobs: asksLogprobs(render.reply, render.body) ? logprobsOf(content.text ?? [], render.body) : null,
    finish_reason: content.finish,
  }))
  const usage = usageOf(render.reply, countOf(render, contents))
  const body = { ...envelope(render, 'chatcmpl-', 'chat.completion'), choices }
  return render.reply.usageIn === 'never' ? body : { ...body, usage }
}

/** The same answer as `chat.completion.chunk` objects. */
export function renderChatStream(render: Render): StreamEvent[] {
  const contents = contentsOf(render)
  const head = envelope(render, 'chatcmpl-', 'chat.completion.chunk')
  const place = usagePlace(render.reply, render.body)
  const { input } = countOf(render, [])
  const sent = { input, output: 0, reasoning: 0 }
  const events = interleave(contents.map((content, index) => choiceDeltas(content, index, render))).map((delta) => {
    if (delta.generated) sent.output++
    const usage = usageMember(place, delta.last, {
      render,
      counted: delta.last ? countOf(render, contents) : { ...sent },
    })
    return { json: { ...head, choices: [delta.choice], ...usage }, generated: delta.generated }
  })
  if (place !== 'last') return [...events, DONE]
  const usage = usageOf(render.reply, countOf(render, contents))
  return [...events, { json: { ...head, choices: [], usage }, generated: false }, DONE]
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

function message(content: Content, render: Render): JsonObject {
  const tools = content.tools.map((call) => wholeCall(call))
  return {
    role: 'assistant',
    content: content.text?.join('') ?? null,
    refusal: content.refusal?.join('') ?? null,
    ...(content.reasoning.length > 0 ? { [reasoningField(render)]: content.reasoning.join('') } : {}),
    ...(tools.length > 0 ? { tool_calls: tools } : {}),
    ...annotationsOf(content, render),
  }
}

/** Where a text has it from, as OpenAI's search models say it. */
function annotationsOf(content: Content, render: Render): JsonObject {
  const annotations = citationsOf(content, render).map(({ url, title, start, end }) => ({
    type: 'url_citation',
    url_citation: { url, title, start_index: start, end_index: end },
  }))
  return annotations.length > 0 ? { annotations } : {}
}

function wholeCall(call: ToolCall): JsonObject {
  return { id: callId(call, 'call_'), type: 'function', function: { name: call.name, arguments: call.pieces.join('') } }
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
    ...citationDeltas(content, render).map((delta) => ({ choice: choice(delta), generated: false, last: false })),
    { choice: choice({}, { finish: content.finish }), generated: false, last: true },
  ]
}

function citationDeltas(content: Content, render: Render): JsonObject[] {
  const annotations = annotationsOf(content, render)
  return Object.keys(annotations).length > 0 ? [annotations] : []
}

/** A call in one delta, or its head first and then its arguments, as OpenAI sends it. */
function callDeltas(call: ToolCall, index: number): JsonObject[] {
  if (call.whole) return [{ tool_calls: [{ index, ...wholeCall(call) }] }]
  const head = { index, id: callId(call, 'call_'), type: 'function', function: { name: call.name, arguments: '' } }
  const rest = call.pieces.map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] }))
  return [{ tool_calls: [head] }, ...rest]
}
