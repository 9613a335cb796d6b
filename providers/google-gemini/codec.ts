import { decoderOf, type ConversationCodec } from '#src/core/codec.ts'
import { decodeResponse } from './decode-response.ts'
import { geminiStream } from './decode-stream.ts'
import { encodeConversation } from './encode-conversation.ts'
import { SERVER_TOOLS } from './encode-tools.ts'
import { support } from './support.ts'
import { VENDOR } from './wire.ts'

/** Conversations as Gemini's contents; the cloud brings an `encode` of its own. */
export const geminiCodec: ConversationCodec = {
  wire: 'gemini',
  vendor: VENDOR,
  framing: 'sse',
  signsCalls: true,
  streamEnd: 'done-optional',
  serverTools: SERVER_TOOLS,
  defaults: { frequency_penalty: 0, presence_penalty: 0, verbosity: 'medium' },
  support: (model) => support(model, 'gemini'),
  encode: encodeConversation,
  decode: decodeResponse,
  decoder: (id) => decoderOf(geminiStream(id)),
}
