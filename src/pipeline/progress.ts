import type { Observation, StreamEnd } from '#src/core/adapter.ts'
import type { Usage } from '#src/core/usage.ts'

/** What has been seen of one answer so far. A value: `advance` gives the next one, so a test may ask at every byte. */
export interface Progress {
  readonly content: boolean
  readonly generatedBytes: number
  readonly usage?: Usage | undefined
  /** Choices that were begun, and those of them that have their finish reason. */
  readonly begun: ReadonlySet<number>
  readonly finished: ReadonlySet<number>
  /** The last finish reason, in OpenAI's words. */
  readonly finish?: string | undefined
  /** The upstream's own end was seen: `[DONE]`, `message_stop`. */
  readonly done: boolean
  /** Who says that it answers. */
  readonly model?: string | undefined
  readonly operator?: string | undefined
}

const NONE: ReadonlySet<number> = new Set()

export const START: Progress = {
  content: false,
  generatedBytes: 0,
  usage: undefined,
  begun: NONE,
  finished: NONE,
  finish: undefined,
  done: false,
  model: undefined,
  operator: undefined,
}

/** The progress after one more event. */
export function advance(progress: Progress, seen: Observation): Progress {
  return {
    content: progress.content || seen.content,
    generatedBytes: progress.generatedBytes + seen.generatedBytes,
    usage: merged(progress.usage, seen.usage),
    finish: seen.finish ?? progress.finish,
    begun: union(progress.begun, seen.choices),
    finished: union(progress.finished, seen.finished),
    done: progress.done || seen.done === true,
    model: seen.model ?? progress.model,
    operator: seen.operator ?? progress.operator,
  }
}

/** Later reports replace earlier ones member by member: some say the input at the start and the output at the end. */
function merged(before: Usage | undefined, now: Usage | undefined): Usage | undefined {
  return before === undefined || now === undefined ? (now ?? before) : { ...before, ...now }
}

/** Every choice that was begun, and as many as were asked for, has its finish reason. */
export function isFinished(progress: Progress, asked = 1): boolean {
  return progress.finished.size >= Math.max(1, asked, progress.begun.size)
}

/** Nothing is missing: the upstream said so itself, or it is one that does not always say so and every choice is finished. */
export function isWhole(progress: Progress, end: StreamEnd, asked: number): boolean {
  return progress.done || (end === 'done-optional' && isFinished(progress, asked))
}

function union(set: ReadonlySet<number>, more: readonly number[]): ReadonlySet<number> {
  if (more.every((index) => set.has(index))) return set
  return new Set([...set, ...more])
}

/** An answer that says it stopped by itself and has nothing in it (field reports: billed, and useless). A cut by length or by a filter is an answer. */
export function isEmpty(progress: Progress): boolean {
  return !progress.content && progress.finish !== 'length' && progress.finish !== 'content_filter'
}
