import type { ReadContext } from '#src/core/dialect.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { integer, oneOf, readRequest, stringOrArray, type Shape } from '../shared/read-request.ts'

const SHAPE: Shape = {
  endpoint: 'embeddings',
  required: [['input', stringOrArray]],
  optional: [
    ['encoding_format', oneOf('float', 'base64')],
    ['dimensions', integer(1)],
  ],
}

/** `POST /v1/embeddings`. Throws FailureError; see `readRequest`. */
export function read(text: string, context: ReadContext): ApiRequest {
  return readRequest(text, context, SHAPE)
}
