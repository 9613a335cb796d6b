import { decisions } from './openai-decisions.ts'
import { IMAGE_SURFACES } from './openai-images.ts'
import { moderations } from './openai-moderations.ts'
import { speech } from './openai-speech.ts'
import { TRANSCRIPT_SURFACES } from './openai-transcripts.ts'
import type { Surface } from './surface.ts'

/** What OpenAI has beside conversations. */
export const OPENAI_MEDIA_SURFACES: readonly Surface[] = [
  moderations,
  ...IMAGE_SURFACES,
  speech,
  ...TRANSCRIPT_SURFACES,
  decisions,
]
