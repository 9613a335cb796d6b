import { decoderOf, type ConversationCodec } from '#src/core/codec.ts'
import { decodeConverse } from './decode-response.ts'
import { converseStream } from './decode-stream.ts'
import { encodeConverse } from './encode-request.ts'
import { support } from './support.ts'
import { VENDOR } from './wire.ts'

/** Conversations as Converse takes them: one form for the models of all makers. */
export const converseCodec: ConversationCodec = {
  wire: 'bedrock-converse',
  vendor: VENDOR,
  framing: 'event-stream',
  streamEnd: 'done-required',
  serverTools: [],
  support,
  encode: encodeConverse,
  decode: decodeConverse,
  decoder: () => decoderOf(converseStream),
}
