import type { JsonObject } from '#src/core/json.ts'
import { numberAt, stringAt } from '#src/core/json.ts'
import { idOf } from './random.ts'
import type { Reply } from './script.ts'

/** All that an answer is made of. */
export interface Render {
  readonly reply: Reply
  readonly body: JsonObject
  readonly seed: string
  /** Seconds since 1970. */
  readonly created: number
}

/** One event of a stream: its JSON, and whether a model had to think for it. */
export interface StreamEvent {
  readonly json: JsonObject
  readonly generated: boolean
}

/** The members that every object of one answer has. */
export function envelope(render: Render, prefix: string, object: string): JsonObject {
  return {
    id: idOf(prefix, render.seed),
    object,
    created: render.created,
    model: render.reply.model ?? stringAt(render.body, 'model') ?? '',
    system_fingerprint: 'fp_tutti',
  }
}

/** How many answers are asked for, with a bound against a request that asks for millions. */
export function choiceCount(render: Render): number {
  return Math.min(render.reply.choices ?? Math.max(1, Math.trunc(numberAt(render.body, 'n') ?? 1)), 128)
}

/** Puts lists together as they would arrive: the first of each, then the second of each. */
export function interleave<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length))
  return Array.from({ length: longest }).flatMap((_, at) => lists.flatMap((list) => list.slice(at, at + 1)))
}
