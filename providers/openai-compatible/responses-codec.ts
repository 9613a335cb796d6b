import { decoderOf, type ConversationCodec } from '#src/core/codec.ts'
import type { Quirks } from './definition.ts'
import { decodeResponse } from './responses-decode.ts'
import { responseStream } from './responses-decode-stream.ts'
import { encodeResponses, RESPONSES_TOOLS } from './responses-encode.ts'
import { responsesSupport } from './responses-support.ts'

/** Conversations as Responses. */
export function responsesCodec(quirks: Quirks): ConversationCodec {
  return {
    wire: 'openai-responses',
    vendor: 'openai',
    framing: 'sse',
    streamEnd: 'done-required',
    serverTools: quirks.members === 'openai' ? RESPONSES_TOOLS : [],
    support: (model) => responsesSupport(quirks, model),
    encode: (input) => encodeResponses(input, quirks),
    decode: (value, id) => decodeResponse(value, id, quirks.reportedCost),
    decoder: (id) => decoderOf(responseStream(id, quirks.reportedCost)),
  }
}
