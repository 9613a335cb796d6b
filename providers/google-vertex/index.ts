import type { Adapter } from '#src/core/adapter.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { decodeError } from '#providers/google-gemini/map-error.ts'
import { CODECS } from './codecs.ts'
import { encodeNative } from './encode-request.ts'
import { observe } from './observe.ts'
import { placeOf } from './place.ts'
import { publisherOf, type Publisher } from './wire.ts'

/** What the models of each publisher speak themselves. */
const SPOKEN: Readonly<Record<Publisher, Endpoint>> = {
  google: 'geminiGenerate',
  anthropic: 'messages',
  hosted: 'chat',
}

/** Models of several publishers in Google's cloud, each spoken to in its own dialect. */
export const googleVertex: Adapter = {
  type: 'google-vertex',
  title: 'Google Vertex AI',
  endpoints: Object.values(SPOKEN),
  speaks: (endpoint, model) => SPOKEN[publisherOf(model)] === endpoint,
  codecs: CODECS,
  settings: {
    project: { required: true, secret: false, description: 'the id of the project that pays' },
    location: {
      required: true,
      secret: false,
      description: 'a region such as `asia-northeast3`, or `us`, `eu` or `global`',
    },
    clientEmail: { required: 'without-key', secret: false, description: 'the address of a service account' },
    privateKey: { required: 'without-key', secret: true, description: 'the key of that service account, as PEM text' },
  },
  baseUrl: 'https://{location}-aiplatform.googleapis.com/v1/projects/{project}/locations/{location}',
  placeOf,
  local: false,
  credential: 'optional',
  modelsMustBeDeclared: false,
  aggregator: false,
  facts: { operator: 'google', operatorCountry: 'US' },
  streamEnd: 'done-optional',
  streamEnds: { messages: 'done-required' },
  encode: encodeNative,
  decodeError,
  observe,
}
