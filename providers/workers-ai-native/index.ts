import type { Adapter } from '#src/core/adapter.ts'
import { observe } from '#providers/openai-compatible/observe.ts'
import { runCodec } from './codec.ts'
import { decodeError } from './map-error.ts'
import { BINDING, QUIRKS } from './wire.ts'

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

/** The same from inside a worker: the platform joins it by a binding, with no token and nothing of the network's. */
export const workersAiBinding: Adapter = {
  ...workersAiNative,
  type: 'workers-ai-binding',
  title: 'Cloudflare Workers AI (binding)',
  settings: {
    [BINDING]: {
      required: true,
      secret: false,
      binding: true,
      description: "the name under `[ai]` in the worker's wrangler.toml",
    },
  },
  // What the runtime itself calls it.
  baseUrl: 'https://workers-binding.ai',
  credential: 'none',
}
