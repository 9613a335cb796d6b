import type { Adapter } from '#src/core/adapter.ts'
import { geminiCodec } from './codec.ts'
import { encodeNative } from './encode-request.ts'
import { decodeError } from './map-error.ts'
import { observe } from './observe.ts'

/** Gemini at Google's own API for developers. Its streams end with the body, without a mark. */
export const gemini: Adapter = {
  type: 'gemini',
  title: 'Google Gemini',
  endpoints: ['geminiGenerate', 'geminiCountTokens', 'geminiEmbed', 'geminiBatchEmbed'],
  codecs: [geminiCodec],
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  local: false,
  credential: 'required',
  modelsMustBeDeclared: false,
  aggregator: false,
  facts: { operator: 'google', operatorCountry: 'US' },
  streamEnd: 'done-optional',
  encode: encodeNative,
  decodeError,
  observe,
}
