/**
 * Tokens of a second of sound. Models that count tokens take about ten of what they hear (OpenAI's recorded traffic); one that is billed by
 * the second counts as exactly ten, so that a price for tokens in the file can say a price for minutes.
 */
export const SOUND_TOKENS_A_SECOND = 10

/** Bytes of a second of sound as it commonly comes: MP3 of 128 kbit/s. */
const COMMON_BYTES_A_SECOND = 16_000
/** The least that a codec spends on a second of speech: Opus of 6 kbit/s (RFC 6716). */
const LEAST_BYTES_A_SECOND = 750
/** More than any model takes of a second. */
const MOST_TOKENS_A_SECOND = 25

/**
 * Tokens of a file of sound whose length nobody knows: a common one, and for a hold the longest speech that fits into its bytes. Packed
 * silence may be longer still: its bill is then over its hold, is booked whole and stops admission (law 2).
 */
export function soundTokens(bytes: number): { readonly common: number; readonly worst: number } {
  return {
    common: Math.ceil((bytes / COMMON_BYTES_A_SECOND) * SOUND_TOKENS_A_SECOND),
    worst: Math.ceil((bytes / LEAST_BYTES_A_SECOND) * MOST_TOKENS_A_SECOND),
  }
}

/** What a second of speech is commonly made of: UTF-8 bytes of text, alike in English and Korean, and tokens of a model that speaks. */
const SPOKEN_BYTES_A_SECOND = 15
const SPOKEN_TOKENS_A_SECOND = 20

/** Tokens of the sound that a text becomes, for an estimate. */
export function speechTokens(bytes: number): number {
  return Math.ceil((bytes / SPOKEN_BYTES_A_SECOND) * SPOKEN_TOKENS_A_SECOND)
}
