import type { Json, JsonObject } from '#src/core/json.ts'
import type { ErrorReply } from './script.ts'
import type { ErrorForm } from './surface.ts'

/** `{ error: { message, type, param, code } }`, also in a stream: there, and in a 200, the script's member as it is. */
export const OPENAI_ERRORS: ErrorForm = {
  requestIdHeader: 'x-request-id',
  whole: (error) => ({ body: { error: openaiError(error) } }),
  inside: (error) => ({ error }),
  events: (error, { named }) => [{ json: { error }, generated: false, ...(named && { name: 'error' }) }],
  unknownModel: (model) => ({
    status: 404,
    message: `The model \`${model}\` does not exist.`,
    code: 'model_not_found',
    param: 'model',
  }),
}

/** An error as OpenAI writes it. */
export function openaiError(error: ErrorReply): JsonObject {
  const code: Json = error.code ?? (error.status === 429 ? 'rate_limit_exceeded' : null)
  const message = messageOf(error)
  return { message, type: error.type ?? typeOf(error.status), param: error.param ?? null, code }
}

/** What an error says, where the script does not. */
export function messageOf({ message, status }: ErrorReply): string {
  return message ?? `scripted error ${status}`
}

function typeOf(status: number): string {
  if (status >= 500) return 'server_error'
  return status === 429 ? 'rate_limit_error' : 'invalid_request_error'
}

/** A missing member of a request. */
export function missing(body: JsonObject, names: readonly string[]): ErrorReply | undefined {
  const name = names.find((each) => body[each] === undefined)
  if (name === undefined) return undefined
  const message = `Missing required parameter: '${name}'.`
  return { status: 400, message, code: 'missing_required_parameter', param: name }
}
