import { isDeepStrictEqual } from 'node:util'
import type { Plain, PlainFinish, PlainUsage } from '../../support/readers/plain.ts'

export interface Compared {
  /** What anybody reads in the upstream's bytes, as far as the caller's dialect can say it. */
  readonly due: Plain
  readonly got: Plain
  /** The usage that the caller got is called an estimate. */
  readonly estimated: boolean
}

/** Whether a caller was given what is due. */
export function same(field: keyof Plain, { due, got, estimated }: Compared): boolean {
  switch (field) {
    case 'usage':
      return due.usage.input === undefined
        ? estimated || isNothing(got.usage)
        : !estimated && counted(due.usage, got.usage)
    case 'finish':
      return ended(due) === ended(got)
    case 'reasoning':
      // Paragraphs of thoughts stand apart in one dialect and in one text in another.
      return packed(due.reasoning) === packed(got.reasoning)
    case 'text':
    case 'refusal':
    case 'calls':
      return isDeepStrictEqual(due[field], got[field])
  }
}

/** Some say `stop` of an answer that calls, some dialects cannot say otherwise, and some say nothing of one that stopped by itself. */
function ended({ calls, finish = 'stop' }: Plain): PlainFinish {
  return finish === 'stop' && calls.length > 0 ? 'tool_calls' : finish
}

/** What was not reported may be absent, or nothing where a dialect wants a number. Parts that claim more than their whole are cut to it. */
function counted({ input, output, cached, reasoning }: PlainUsage, got: PlainUsage): boolean {
  return (
    isCount(got.input, input) &&
    isCount(got.output, output) &&
    isCount(got.cached, cached === undefined ? undefined : Math.min(cached, input ?? cached)) &&
    isCount(got.reasoning, reasoning === undefined ? undefined : Math.min(reasoning, output ?? reasoning))
  )
}

const isCount = (got: number | undefined, due: number | undefined): boolean => (got ?? 0) === (due ?? 0)
const isNothing = (got: PlainUsage): boolean => Object.values(got).every((own) => own === 0)
export const packed = (text: string): string => text.split(/\s+/u).join('')
