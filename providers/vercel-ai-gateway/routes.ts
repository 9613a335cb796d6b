import type { Json } from '#src/core/json.ts'
import type { Order, Routes } from '#src/core/routes.ts'

/**
 * Hosts behind the gateway whose operator the catalog knows, by its own names: recorded answers (2026-03) and its list of providers (2026-11).
 * `only` and `zeroDataRetention`: its documentation of provider options. Its `disallowPromptTraining` does not hold for keys that its customer
 * keeps there, so that a rule against training asks for no retention too, under which such keys are not used.
 */
export const routes: Routes = {
  hosts: {
    openai: 'openai',
    azure: 'azure-openai',
    anthropic: 'anthropic',
    vertex: 'google-vertex',
    vertexAnthropic: 'google-vertex',
    google: 'google',
    bedrock: 'amazon-bedrock',
    mistral: 'mistral',
    xai: 'xai',
    groq: 'groq',
    togetherai: 'together',
    fireworks: 'fireworks',
    cerebras: 'cerebras',
    deepinfra: 'deepinfra',
    deepseek: 'deepseek',
    moonshotai: 'moonshot',
    perplexity: 'perplexity',
    cohere: 'cohere',
    zai: 'zai',
    alibaba: 'alibaba',
    baseten: 'baseten',
    nebius: 'nebius',
  },
  promises: ['no-retention'],
  tell: (order) => ({ providerOptions: { gateway: optionsOf(order) } }),
}

function optionsOf({ only, promised }: Order): Readonly<Record<string, Json>> {
  return { ...(only && { only: [...only] }), ...(promised && { zeroDataRetention: true }) }
}
