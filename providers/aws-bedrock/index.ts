import type { Adapter, Observation } from '#src/core/adapter.ts'
import { converseCodec } from './codec.ts'
import { decodeError } from './map-error.ts'
import { placeOf } from './place.ts'

/** Models of many makers in one of AWS's regions. It speaks no dialect that a caller speaks: everything is said to it through Converse. */
export const awsBedrock: Adapter = {
  type: 'aws-bedrock',
  title: 'AWS Bedrock',
  endpoints: [],
  codecs: [converseCodec],
  settings: {
    awsRegion: { required: true, secret: false, description: 'the region that is asked, such as `ap-northeast-2`' },
    accessKeyId: { required: 'without-key', secret: false, description: 'the public half of an access key' },
    secretAccessKey: { required: 'without-key', secret: true, description: 'the secret half of an access key' },
    sessionToken: { required: false, secret: true, description: 'of temporary credentials' },
  },
  baseUrl: 'https://bedrock-runtime.{awsRegion}.amazonaws.com',
  placeOf,
  local: false,
  credential: 'optional',
  modelsMustBeDeclared: false,
  aggregator: false,
  // An ARN may stand for any model, in another account too.
  steeringMarks: ['arn:'],
  facts: { operator: 'amazon', operatorCountry: 'US' },
  streamEnd: 'done-required',
  encode() {
    throw new RangeError('there is no endpoint that Bedrock speaks itself')
  },
  decodeError,
  observe: () => NOTHING,
}

const NOTHING: Observation = {
  content: false,
  generatedBytes: 0,
  choices: [],
  finished: [],
  finish: undefined,
  usage: undefined,
  failure: undefined,
  usageOnly: false,
  done: false,
  model: undefined,
}
