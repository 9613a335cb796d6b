import type { JsonObject } from '#src/core/json.ts'
import { contentOf, type Content } from './content.ts'
import { idOf } from './random.ts'
import type { StreamEvent } from './framing.ts'
import type { Render } from './surface.ts'

/** The end of OpenAI's older streams, and of some others'. */
export const DONE: StreamEvent = { json: '[DONE]', generated: false, end: true }

/** The members that every object of one answer has. */
export function envelope(render: Render, prefix: string, object: string): JsonObject {
  return {
    id: idOf(prefix, render.seed),
    object,
    created: render.created,
    model: render.model,
    system_fingerprint: 'fp_tutti',
  }
}

/** How many answers are asked for, with a bound against a request that asks for millions. */
export function choiceCount({ reply, wish }: Render): number {
  return Math.min(reply.choices ?? wish.choices, 128)
}

/** As many answers as are asked for. */
export function contentsOf(render: Render): Content[] {
  return Array.from({ length: choiceCount(render) }, (_, index) => contentOf(render, index))
}

/** Puts lists together as they would arrive: the first of each, then the second of each. */
export function interleave<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length))
  return Array.from({ length: longest }).flatMap((_, at) => lists.flatMap((list) => list.slice(at, at + 1)))
}
