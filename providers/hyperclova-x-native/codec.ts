import { decoderOf, type ConversationCodec } from '#src/core/codec.ts'
import { decodeChat } from './decode-response.ts'
import { chatStream } from './decode-stream.ts'
import { encodeChat } from './encode-request.ts'
import { support } from './support.ts'
import { VENDOR } from './wire.ts'

/** Conversations as CLOVA Studio's chat completions of version 3. */
export const chatCodec: ConversationCodec = {
  wire: 'hyperclova',
  vendor: VENDOR,
  framing: 'sse',
  serverTools: [],
  defaults: { frequency_penalty: 0, presence_penalty: 0 },
  support,
  encode: encodeChat,
  decode: decodeChat,
  decoder: (id) => decoderOf(chatStream(id)),
}
