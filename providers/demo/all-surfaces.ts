import { ANTHROPIC_SURFACES } from './anthropic-messages.ts'
import { BEDROCK_SURFACES } from './aws-bedrock.ts'
import { COHERE_SURFACES } from './cohere.ts'
import { GEMINI_SURFACES } from './google-gemini.ts'
import { HYPERCLOVA_SURFACES } from './hyperclova.ts'
import { OLLAMA_SURFACES } from './ollama.ts'
import { OPENAI_MEDIA_SURFACES } from './openai-media.ts'
import { responses } from './openai-responses.ts'
import { OPENAI_SURFACES } from './openai.ts'
import { RERANK_SURFACES } from './rerank.ts'
import { createRespond } from './respond.ts'
import type { Surface } from './surface.ts'
import { WORKERS_AI_SURFACES } from './workers-ai.ts'

/** All that the scripted provider speaks; where two could take a path, the more particular one comes first. */
export const ALL_SURFACES: readonly Surface[] = [
  ...WORKERS_AI_SURFACES,
  ...BEDROCK_SURFACES,
  ...GEMINI_SURFACES,
  ...ANTHROPIC_SURFACES,
  ...HYPERCLOVA_SURFACES,
  ...OLLAMA_SURFACES,
  ...COHERE_SURFACES,
  ...RERANK_SURFACES,
  responses,
  ...OPENAI_MEDIA_SURFACES,
  ...OPENAI_SURFACES,
]

/** An upstream that speaks every dialect. */
export const respondInAll = createRespond(ALL_SURFACES)
