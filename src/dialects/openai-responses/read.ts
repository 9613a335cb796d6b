import type { ReadContext } from '#src/core/dialect.ts'
import type { ApiRequest } from '#src/core/request.ts'
import {
  array,
  boolean,
  integer,
  invalid,
  object,
  readRequest,
  stringOrArray,
  type Shape,
} from '../shared/read-request.ts'

const SHAPE: Shape = {
  endpoint: 'responses',
  required: [['input', stringOrArray]],
  optional: [
    ['stream', boolean],
    ['store', boolean],
    ['background', boolean],
    ['max_output_tokens', integer(1)],
    ['tools', array],
    ['text', object],
    ['reasoning', object],
    ['parallel_tool_calls', boolean],
  ],
}

/** `POST /v1/responses`. Throws FailureError; see `readRequest`. Nothing here works on in the background: that is a 400, not a silence. */
export function read(text: string, context: ReadContext): ApiRequest {
  const request = readRequest(text, context, SHAPE)
  if (request.body['background'] === true)
    throw invalid('`background` is not carried out here: leave it out, or stream the answer', 'background')
  return { ...request, wantsUsage: true }
}
