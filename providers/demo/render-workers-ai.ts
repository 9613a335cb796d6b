import { isObject, parseJson, type Json, type JsonObject } from '#src/core/json.ts'
import { argumentsOf, contentOf, wordsOf, type Content, type ToolCall } from './content.ts'
import type { StreamEvent } from './framing.ts'
import { hash } from './random.ts'
import { renderChat, renderChatStream } from './render-chat.ts'
import { DONE } from './render.ts'
import type { Render } from './surface.ts'
import { tallyOf } from './usage.ts'

/** The `result` of an answer. */
export function renderRun(render: Render): JsonObject {
  const content = contentOf(render)
  if (isChat(content, render)) return renderChat(asChat(render))
  return {
    response: responseOf(content, render),
    ...(content.tools.length > 0 && { tool_calls: content.tools.map(callOf) }),
    ...usageOf(content, render),
  }
}

/** The same answer piece by piece, calls whole, usage last. */
export function renderRunStream(render: Render): readonly StreamEvent[] {
  const content = contentOf(render)
  if (isChat(content, render)) return renderChatStream(asChat(render))
  const calls = content.tools.map(callOf)
  const usage = usageOf(content, render)
  return [
    ...(wordsOf(content) ?? []).map((response) => event({ response }, true)),
    ...(calls.length > 0 ? [event({ response: '', tool_calls: calls }, true)] : []),
    event({ response: '', ...usage }, false),
    DONE,
  ]
}

/** Thoughts, and why it ended, are said by models that answer as in a chat completion: `run` has no words of its own for either. */
function isChat({ reasoning }: Content, { reply }: Render): boolean {
  return reasoning.length > 0 || reply.finishReason !== undefined
}

/** There usage stands on the chunk that finishes. */
function asChat(render: Render): Render {
  return { ...render, reply: { usageIn: 'finish', ...render.reply } }
}

/** Structured output is an object already. */
function responseOf(content: Content, { wish }: Render): Json {
  const words = wordsOf(content)
  if (words === undefined) return content.tools.length > 0 ? null : ''
  const text = words.join('')
  const value = wish.format === undefined ? undefined : parseJson(text)
  return isObject(value) ? value : text
}

function callOf(call: ToolCall): JsonObject {
  return { name: call.name, arguments: argumentsOf(call) }
}

function usageOf(content: Content, render: Render): JsonObject {
  const tally = tallyOf(render, content)
  if (tally === undefined) return {}
  const { input, output } = tally
  return { usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output } }
}

/** Padded, so that its length tells nothing of what is in it. */
function event(json: JsonObject, generated: boolean): StreamEvent {
  const length = 1 + (hash(JSON.stringify(json)) % 36)
  return { json: { ...json, p: 'abcdefghijklmnopqrstuvwxyz0123456789'.slice(0, length) }, generated }
}
