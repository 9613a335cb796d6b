import type { ReadContext } from '#src/core/dialect.ts'
import type { ApiRequest } from '#src/core/request.ts'
import {
  array,
  boolean,
  integer,
  object,
  objects,
  readRequest,
  streamOptions,
  stringOrArray,
  type Shape,
} from '../shared/read-request.ts'

const SHAPE: Shape = {
  endpoint: 'chat',
  required: [['messages', objects]],
  optional: [
    ['stream', boolean],
    ['stream_options', streamOptions],
    ['n', integer(1)],
    ['max_tokens', integer(0)],
    ['max_completion_tokens', integer(0)],
    ['tools', array],
    ['functions', array],
    ['response_format', object],
    ['modalities', array],
    ['stop', stringOrArray],
    ['logprobs', boolean],
  ],
}

/** `POST /v1/chat/completions`. Throws FailureError; see `readRequest`. */
export function read(text: string, context: ReadContext): ApiRequest {
  return readRequest(text, context, SHAPE)
}
