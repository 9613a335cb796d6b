import type { Json, JsonObject } from '#src/core/json.ts'
import { arrayAt } from '#src/core/json.ts'
import { contentOf } from './content.ts'
import { choiceCount, DONE, envelope, interleave } from './render.ts'
import type { StreamEvent } from './framing.ts'
import type { Render } from './surface.ts'
import { countOf, usageOf, usagePlace } from './usage.ts'

/** A whole `text_completion`. */
export function renderCompletion(render: Render): JsonObject {
  const choices = answers(render).map(({ text, finish }, index) => choice(index, text.join(''), finish))
  const body = { ...envelope(render, 'cmpl-', 'text_completion'), choices }
  return render.reply.usageIn === 'never' ? body : { ...body, usage: usage(render) }
}

/** The same answer in pieces. */
export function renderCompletionStream(render: Render): StreamEvent[] {
  const head = envelope(render, 'cmpl-', 'text_completion')
  const place = usagePlace(render.reply, render.body)
  const lists = answers(render).map(({ text, finish }, index) =>
    text
      .map((part) => ({ choice: choice(index, part, null), generated: true }))
      .concat({ choice: choice(index, '', finish), generated: false }),
  )
  const events = interleave(lists).map((each) => {
    const carries = place === 'every' || (place === 'finish' && !each.generated)
    const more = place === 'last' ? { usage: null } : carries ? { usage: usage(render) } : {}
    return { json: { ...head, choices: [each.choice], ...more }, generated: each.generated }
  })
  if (place !== 'last') return [...events, DONE]
  return [...events, { json: { ...head, choices: [], usage: usage(render) }, generated: false }, DONE]
}

function answers(render: Render): { text: readonly string[]; finish: string }[] {
  const size = prompts(render.body) * choiceCount(render)
  return Array.from({ length: size }, (_, index) => {
    const content = contentOf(render, index)
    return { text: content.text ?? [], finish: content.finish }
  })
}

/** A list of texts (or of token lists) is as many prompts; a list of tokens is one. */
function prompts(body: JsonObject): number {
  const list = arrayAt(body, 'prompt')
  if (list === undefined || typeof list[0] === 'number') return 1
  return Math.max(1, Math.min(list.length, 128))
}

function choice(index: number, text: string, finish: Json): JsonObject {
  return { index, text, logprobs: null, finish_reason: finish }
}

function usage(render: Render): JsonObject {
  const output = answers(render).reduce((sum, each) => sum + each.text.length, 0)
  return usageOf(render.reply, { ...countOf(render, []), output })
}
