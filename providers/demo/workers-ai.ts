import { isObject, objectAt, type JsonObject } from '#src/core/json.ts'
import { errorForm } from './error-form.ts'
import { messageOf } from './error-openai.ts'
import { SSE } from './framing.ts'
import { renderRun, renderRunStream } from './render-workers-ai.ts'
import { between } from './request-record.ts'
import type { ErrorReply } from './script.ts'
import { jsonBody, type ErrorForm, type Surface } from './surface.ts'
import { wishOfChat } from './wish-chat.ts'

/** Cloudflare's own codes of what commonly fails; other errors of a request, and of theirs, have the last two. */
const CODES: Readonly<Record<number, number>> = { 401: 10_000, 403: 5018, 404: 3042, 408: 3007, 413: 3006, 429: 3040 }
const BAD_INPUT = 5006
const BROKEN = 3043

/** What it writes unless told otherwise, in tokens. */
const DEFAULT_LIMIT = 256

/** `{ success: false, errors: [{ code, message }] }`, also as an event of a stream. */
const errors: ErrorForm = errorForm({
  requestIdHeader: 'cf-ray',
  whole: (error) => ({ body: refusal(error) }),
  unknownModel: (model) => ({ status: 400, message: `No such model ${model} or task`, code: 5007 }),
})

/** Codes are numbers: a script's word that is none gives way. */
function refusal(error: ErrorReply): JsonObject {
  const own = Number(error.code ?? Number.NaN)
  const common = CODES[error.status] ?? (error.status >= 500 ? BROKEN : BAD_INPUT)
  const code = Number.isSafeInteger(own) ? own : common
  return { result: null, success: false, errors: [{ code, message: messageOf(error) }], messages: [] }
}

const run: Surface = {
  endpoint: 'workersAiRun',
  asksModel: true,
  find({ method }, path) {
    const model = method === 'POST' ? between(path, '/ai/run/', '') : undefined
    return model === undefined ? undefined : { model }
  },
  refuse({ body }) {
    if (body['messages'] !== undefined || body['prompt'] !== undefined) return undefined
    const message = `AiError: Bad input: Error: oneOf at '/' not met, 0 matches: required properties at '/' are 'prompt', required properties at '/' are 'messages'`
    return { status: 400, message, code: BAD_INPUT }
  },
  wish({ body }) {
    const wish = wishOfChat(body)
    const { format, limit = DEFAULT_LIMIT } = wish
    // The schema is bare.
    const schema = objectAt(body, 'response_format')?.['json_schema']
    return {
      ...wish,
      limit,
      format: isObject(format) && format.schema === undefined ? { schema } : format,
      choices: 1,
      prompt: body['messages'] ?? body['prompt'],
    }
  },
  whole: (render) => jsonBody({ result: renderRun(render), success: true, errors: [], messages: [] }),
  stream: { framing: () => SSE, events: renderRunStream },
  errors,
}

/** What Workers AI speaks at `run`, where a model writes text. */
export const WORKERS_AI_SURFACES: readonly Surface[] = [run]
