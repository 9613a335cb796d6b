import type { Adapter } from '#src/core/adapter.ts'
import { defineProvider } from '#providers/openai-compatible/index.ts'

/** Where the demo answers: a name that can never be resolved (RFC 2606), which the composition roots give to the scripted fetch. */
export const DEMO_HOST = 'demo.tutti.invalid'

const base = defineProvider({
  type: 'demo',
  title: 'tutti demo',
  baseUrl: `https://${DEMO_HOST}/v1`,
  credential: 'none',
  facts: {
    operator: 'tutti-demo',
    operatorCountry: 'KR',
    region: 'KR',
    developer: 'tutti-demo',
    lineage: [],
    license: 'apache-2.0',
    local: true,
    openWeights: false,
    trainsOnData: false,
    retainsData: false,
    context: 32_768,
    maxOutput: 4096,
    capabilities: ['chat', 'completions', 'embeddings', 'tools', 'structured', 'logprobs'],
  },
})

/** The scripted provider: an OpenAI endpoint with no model behind it. The request's id travels along, so that the script can tell attempts apart. */
export const demo: Adapter = {
  ...base,
  encode(input) {
    const { upstream, warnings } = base.encode(input)
    return { upstream: { ...upstream, headers: { ...upstream.headers, 'x-request-id': input.request.id } }, warnings }
  },
}
