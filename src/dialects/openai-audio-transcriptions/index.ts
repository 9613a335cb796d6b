import { soundDialect } from '../openai-audio/dialect.ts'

/** What clients of OpenAI's transcriptions speak. */
export const openaiTranscriptions = soundDialect('transcriptions')
