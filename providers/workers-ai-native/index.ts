import type { Adapter } from '#src/core/adapter.ts'
import { observe } from '#providers/openai-compatible/observe.ts'
import { runCodec } from './codec.ts'
import { decodeError } from './map-error.ts'
import { QUIRKS } from './wire.ts'

/** `run` over REST, for models that the OpenAI-compatible interface does not have: `https://api.cloudflare.com/client/v4/accounts/ACCOUNT/ai`. */
export const workersAiNative: Adapter = {
  type: 'workers-ai-native',
  title: 'Cloudflare Workers AI (native)',
  endpoints: [],
  codecs: [runCodec],
  settings: {
    accountId: { required: true, secret: false, description: 'the account of Cloudflare that is asked' },
  },
  baseUrl: 'https://api.cloudflare.com/client/v4/accounts/{accountId}/ai',
  local: false,
  credential: 'required',
  modelsMustBeDeclared: false,
  aggregator: false,
  facts: { operator: 'cloudflare', operatorCountry: 'US', region: 'global' },
  streamEnd: 'done-optional',
  encode() {
    throw new RangeError('there is no endpoint that `run` speaks itself')
  },
  decodeError,
  observe: (value, kind) => observe(value, kind, QUIRKS),
}
