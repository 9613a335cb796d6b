import { decoderOf, type ConversationCodec } from '#src/core/codec.ts'
import { decodeChat } from './decode-response.ts'
import { chatStream } from './decode-stream.ts'
import { encodeChat } from './encode-request.ts'
import { support } from './support.ts'
import { VENDOR } from './wire.ts'

/** Conversations as Cohere's chat takes them. */
export const chatCodec: ConversationCodec = {
  wire: 'cohere-chat',
  vendor: VENDOR,
  framing: 'sse',
  serverTools: [],
  support,
  encode: encodeChat,
  decode: decodeChat,
  decoder: (id) => decoderOf(chatStream(id)),
}
