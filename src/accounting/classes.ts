import type { Usage } from '#src/core/usage.ts'

/**
 * More than any model reads or writes in one answer: a larger count is a defect of the upstream's report, not a bill.
 */
export const MOST_TOKENS = 1_000_000_000

/** Tokens by the rate that they are charged at: each is in one class. `input` is the sum of those that were read. */
export interface TokenClasses {
  readonly input: number
  readonly uncached: number
  readonly cached: number
  readonly written: number
  readonly writtenLong: number
  readonly audio: number
  readonly cachedAudio: number
  readonly image: number
  readonly cachedImage: number
  readonly output: number
  readonly reasoning: number
  readonly audioOutput: number
  readonly imageOutput: number
  readonly searches: number
}

/**
 * Splits usage into the classes that are charged. Counts are whole and between 0 and MOST_TOKENS; what exceeds its whole (more cached than input,
 * more written than the rest) is cut to it.
 */
export function classesOf(usage: Usage): TokenClasses {
  const output = tokens(usage.output ?? usage.reasoning)
  const reasoning = Math.min(tokens(usage.reasoning), output)
  const audioOutput = Math.min(tokens(usage.audioOutput), output - reasoning)
  const imageOutput = Math.min(tokens(usage.imageOutput), output - reasoning - audioOutput)
  return {
    ...inputOf(usage),
    output: output - reasoning - audioOutput - imageOutput,
    reasoning,
    audioOutput,
    imageOutput,
    searches: tokens(usage.searches),
  }
}

/** What a cache gave or took is text as far as there is text, unless the upstream says that it was sound: then images, then sounds. */
function inputOf(usage: Usage) {
  const [cachedReport, writtenReport] = [tokens(usage.cachedInput), tokens(usage.cacheWrite)]
  const input = usage.input === undefined ? tokens(cachedReport + writtenReport) : tokens(usage.input)
  const cached = Math.min(cachedReport, input)
  const written = Math.min(writtenReport, input - cached)
  const writtenLong = Math.min(tokens(usage.cacheWriteLong), written)
  const audio = Math.min(tokens(usage.audioInput), input)
  const image = Math.min(tokens(usage.imageInput), input - audio)
  const heard = Math.min(tokens(usage.cachedAudio), cached, audio)
  const text = input - audio - image
  // More than there is text, so that some of it was an image or a sound.
  const beyond = Math.max(0, cached - heard + written - text)
  const drawn = Math.min(beyond, image)
  const more = beyond - drawn
  // The cache's own tokens first: what it took has one rate.
  const cachedImage = Math.min(drawn, cached - heard)
  const cachedAudio = heard + Math.min(more, cached - heard - cachedImage)
  return {
    input,
    uncached: text - (cached - heard + written - beyond),
    cached: cached - cachedAudio - cachedImage,
    written: written - writtenLong,
    writtenLong,
    audio: audio - heard - more,
    cachedAudio,
    image: image - drawn,
    cachedImage,
  }
}

/** A count as it is charged: whole, not negative, at most MOST_TOKENS; what is no number is 0. */
export function tokens(count: number | undefined): number {
  return count !== undefined && count > 0 ? Math.min(Math.ceil(count), MOST_TOKENS) : 0
}
