import type { Adapter } from '#src/core/adapter.ts'
import { encodeRequest } from '#providers/openai-compatible/encode-request.ts'
import { observe } from '#providers/openai-compatible/observe.ts'
import { chatCodec } from './codec.ts'
import { decodeError } from './map-error.ts'
import { QUIRKS } from './wire.ts'

/** Cohere, version 2: a chat in a dialect that no caller speaks, and the rerank that others took over. */
export const cohere: Adapter = {
  type: 'cohere',
  title: 'Cohere',
  endpoints: ['rerank'],
  codecs: [chatCodec],
  baseUrl: 'https://api.cohere.com/v2',
  local: false,
  credential: 'required',
  modelsMustBeDeclared: false,
  aggregator: false,
  facts: { operator: 'cohere', operatorCountry: 'CA' },
  streamEnd: 'done-required',
  encode: (input) => encodeRequest(input, QUIRKS),
  decodeError,
  observe: (value, kind) => observe(value, kind, QUIRKS),
}
