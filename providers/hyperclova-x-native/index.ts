import type { Adapter } from '#src/core/adapter.ts'
import { observe } from '#providers/openai-compatible/observe.ts'
import { chatCodec } from './codec.ts'
import { decodeError } from './map-error.ts'
import { QUIRKS } from './wire.ts'

/** CLOVA Studio's own interface, version 3; `gov` is the government cloud's. */
export const hyperclovaXNative: Adapter = {
  type: 'hyperclova-x-native',
  title: 'NAVER HyperCLOVA X (native)',
  endpoints: [],
  codecs: [chatCodec],
  baseUrl: 'https://clovastudio.stream.ntruss.com',
  regions: { gov: { baseUrl: 'https://clovastudio.stream.gov-ntruss.com', facts: { region: 'KR' } } },
  local: false,
  credential: 'required',
  modelsMustBeDeclared: false,
  aggregator: false,
  facts: { operator: 'naver cloud', operatorCountry: 'KR' },
  // A stream with calls of tools ends with its result, and no signal.
  streamEnd: 'done-optional',
  encode() {
    throw new RangeError('there is no endpoint that CLOVA Studio speaks itself')
  },
  decodeError,
  observe: (value, kind) => observe(value, kind, QUIRKS),
}
