import { decoderOf, type ConversationCodec } from '#src/core/codec.ts'
import { decodeChat } from './chat-decode.ts'
import { chatStream } from './chat-decode-stream.ts'
import { encodeChat } from './chat-encode.ts'
import { CHAT_DEFAULTS, chatSupport } from './chat-support.ts'
import type { Quirks } from './definition.ts'

/** Conversations as chat completions. */
export function chatCodec(quirks: Quirks): ConversationCodec {
  return {
    wire: 'openai-chat',
    vendor: quirks.vendor,
    framing: 'sse',
    // Only OpenAI's search models search in chat completions, and always: as a tool it is offered in Responses.
    serverTools: [],
    defaults: CHAT_DEFAULTS,
    support: (model) => chatSupport(quirks, model),
    encode: (input) => encodeChat(input, quirks),
    decode: (value, id) => decodeChat(value, id, quirks),
    decoder: (id) => decoderOf(chatStream(id, quirks)),
  }
}
