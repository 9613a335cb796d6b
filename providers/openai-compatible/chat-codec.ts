import { decoderOf, type ConversationCodec } from '#src/core/codec.ts'
import { decodeChat } from './chat-decode.ts'
import { chatStream } from './chat-decode-stream.ts'
import { encodeChat } from './chat-encode.ts'
import { chatSupport } from './chat-support.ts'
import type { Quirks } from './definition.ts'

/** Conversations as chat completions. */
export function chatCodec(quirks: Quirks): ConversationCodec {
  return {
    wire: 'openai-chat',
    vendor: quirks.vendor,
    framing: 'sse',
    serverTools: quirks.members === 'openai' ? ['web_search'] : [],
    support: (model) => chatSupport(quirks, model),
    encode: (input) => encodeChat(input, quirks),
    decode: (value, id) => decodeChat(value, id, quirks),
    decoder: (id) => decoderOf(chatStream(id, quirks)),
  }
}
