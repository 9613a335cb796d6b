import { decoderOf, type ConversationCodec } from '#src/core/codec.ts'
import { decodeMessage } from './decode-response.ts'
import { messageStream } from './decode-stream.ts'
import { encodeConversation, SERVER_TOOLS } from './encode-request.ts'
import { support } from './support.ts'
import { VENDOR } from './wire.ts'

/** Conversations as Anthropic's messages; other hosts of the same models bring an `encode` of their own. */
export const messagesCodec: ConversationCodec = {
  wire: 'anthropic-messages',
  vendor: VENDOR,
  framing: 'sse',
  serverTools: SERVER_TOOLS,
  support,
  encode: encodeConversation,
  decode: decodeMessage,
  decoder: () => decoderOf(messageStream),
}
