import { missing, OPENAI_ERRORS } from './error-openai.ts'
import { SSE } from './framing.ts'
import { postAt } from './openai.ts'
import { renderTranscript, transcriptEvents } from './render-transcripts.ts'
import { bodyOf, isOn } from './request-record.ts'
import { PLAIN_WISH, type Surface } from './surface.ts'

const transcriptions: Surface = {
  endpoint: 'transcriptions',
  asksModel: true,
  /** A form, in which a switch is text; what is no events is not streamed. */
  find(request, path) {
    const { stream, response_format: format = 'json' } = bodyOf(request)
    const found = postAt('/audio/transcriptions')(request, path)
    return found && { stream: isOn(stream) && format === 'json' }
  },
  refuse: ({ body }) => missing(body, ['file', 'model']),
  wish: ({ body }) => ({ ...PLAIN_WISH, prompt: body['prompt'] }),
  whole: renderTranscript,
  stream: { framing: () => SSE, events: transcriptEvents },
  errors: OPENAI_ERRORS,
}

/** Into English, and whole. */
const { stream: _stream, ...whole } = transcriptions
const translations: Surface = { ...whole, endpoint: 'translations', find: postAt('/audio/translations') }

/** What OpenAI hears. */
export const TRANSCRIPT_SURFACES: readonly Surface[] = [transcriptions, translations]
