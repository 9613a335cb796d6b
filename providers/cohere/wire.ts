import { quirksOf } from '#providers/openai-compatible/definition.ts'

/** Of `Signature` and of what is only Cohere's. */
export const VENDOR = 'cohere'

/** What errors and headers are read and written with. */
export const QUIRKS = quirksOf({ type: 'cohere', title: 'Cohere' })

/** Behind the base address, which ends in `/v2`. */
export const PATH = '/chat'

/** The range of `p`; 1, which others call off, is none of it. */
export const P = { least: 0.01, most: 0.99 } as const
export const K = { least: 0, most: 500 } as const
/** Of `frequency_penalty` and `presence_penalty`. */
export const PENALTY = { least: 0, most: 1 } as const
