import type { ConversationCodec } from '#src/core/codec.ts'
import { messagesCodec } from '#providers/anthropic/codec.ts'
import { geminiCodec } from '#providers/google-gemini/codec.ts'
import { support } from '#providers/google-gemini/support.ts'
import { chatCodec } from '#providers/openai-compatible/chat-codec.ts'
import { encodeClaude, encodeGemini, encodeHosted } from './encode-request.ts'
import { HOSTED } from './hosted.ts'
import { publisherOf } from './wire.ts'

/** One form for each kind of publisher: a model is spoken to in its own only. */
export const CODECS: readonly ConversationCodec[] = [
  {
    ...geminiCodec,
    serves: (model) => publisherOf(model) === 'google',
    support: (model) => support(model, 'vertex'),
    encode: encodeGemini,
  },
  {
    ...messagesCodec,
    streamEnd: 'done-required',
    serves: (model) => publisherOf(model) === 'anthropic',
    encode: encodeClaude,
  },
  {
    ...chatCodec(HOSTED),
    streamEnd: 'done-optional',
    serves: (model) => publisherOf(model) === 'hosted',
    encode: encodeHosted,
  },
]
