import { decoderOf, type ConversationCodec } from '#src/core/codec.ts'
import { decodeMessage } from './decode-response.ts'
import { messageStream } from './decode-stream.ts'
import { encodeConversation } from './encode-request.ts'
import { SERVER_TOOLS } from './encode-tools.ts'
import { support } from './support.ts'
import { VENDOR } from './wire.ts'

/** Conversations as Anthropic's messages; other hosts of the same models bring an `encode` of their own (`messageBody`). */
export const messagesCodec: ConversationCodec = {
  wire: 'anthropic-messages',
  vendor: VENDOR,
  framing: 'sse',
  serverTools: SERVER_TOOLS,
  defaults: { temperature: 1, top_p: 1, frequency_penalty: 0, presence_penalty: 0, store: false, verbosity: 'medium' },
  support,
  encode: encodeConversation,
  decode: decodeMessage,
  decoder: (id) => decoderOf(messageStream(id)),
}
