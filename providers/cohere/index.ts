import type { Adapter } from '#src/core/adapter.ts'
import { observe } from '#providers/openai-compatible/observe.ts'
import { chatCodec } from './codec.ts'
import { decodeError } from './map-error.ts'
import { QUIRKS } from './wire.ts'

/** Cohere's chat, version 2: a dialect that no caller speaks. */
export const cohere: Adapter = {
  type: 'cohere',
  title: 'Cohere',
  endpoints: [],
  codecs: [chatCodec],
  baseUrl: 'https://api.cohere.com/v2',
  local: false,
  credential: 'required',
  modelsMustBeDeclared: false,
  aggregator: false,
  facts: { operator: 'cohere', operatorCountry: 'CA' },
  streamEnd: 'done-required',
  encode() {
    throw new RangeError('there is no endpoint that Cohere speaks itself')
  },
  decodeError,
  observe: (value, kind) => observe(value, kind, QUIRKS),
}
