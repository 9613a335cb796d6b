import type { ReadContext } from '#src/core/dialect.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { boolean, integer, readRequest, streamOptions, stringOrArray, type Shape } from '../shared/read-request.ts'

const SHAPE: Shape = {
  endpoint: 'completions',
  required: [['prompt', stringOrArray]],
  optional: [
    ['stream', boolean],
    ['stream_options', streamOptions],
    ['n', integer(1)],
    ['best_of', integer(1)],
    ['max_tokens', integer(0)],
    ['stop', stringOrArray],
    ['logprobs', integer(0)],
  ],
}

/** `POST /v1/completions`. Throws FailureError; see `readRequest`. */
export function read(text: string, context: ReadContext): ApiRequest {
  return readRequest(text, context, SHAPE)
}
