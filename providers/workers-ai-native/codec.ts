import { decoderOf, type ConversationCodec } from '#src/core/codec.ts'
import { CHAT_DEFAULTS } from '#providers/openai-compatible/chat-support.ts'
import { decodeRun } from './decode-response.ts'
import { runStream } from './decode-stream.ts'
import { encodeRun } from './encode-request.ts'
import { support } from './support.ts'
import { VENDOR } from './wire.ts'

/** Conversations as Workers AI's `run` takes them. */
export const runCodec: ConversationCodec = {
  wire: 'workers-ai-run',
  vendor: VENDOR,
  framing: 'sse',
  serverTools: [],
  defaults: CHAT_DEFAULTS,
  support,
  encode: encodeRun,
  decode: decodeRun,
  decoder: (id) => decoderOf(runStream(id)),
}
