import type { Adapter } from '#src/core/adapter.ts'
import { messagesCodec } from './codec.ts'
import { encodeNative } from './encode-request.ts'
import { decodeError } from './map-error.ts'
import { observe } from './observe.ts'

/** Claude at Anthropic's own host. */
export const anthropic: Adapter = {
  type: 'anthropic',
  title: 'Anthropic',
  endpoints: ['messages', 'countTokens'],
  codecs: [messagesCodec],
  baseUrl: 'https://api.anthropic.com/v1',
  local: false,
  credential: 'required',
  modelsMustBeDeclared: false,
  aggregator: false,
  facts: { operator: 'anthropic', operatorCountry: 'US' },
  cacheMark: 'cache_control',
  streamEnd: 'done-required',
  encode: encodeNative,
  decodeError,
  observe,
}
