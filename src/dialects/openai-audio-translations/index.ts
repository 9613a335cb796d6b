import { soundDialect } from '../openai-audio/dialect.ts'

/** What clients of OpenAI's translations speak: transcriptions in English. */
export const openaiTranslations = soundDialect('translations')
