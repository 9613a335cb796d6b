import type { Json } from '#src/core/json.ts'
import type { Order, Routes } from '#src/core/routes.ts'

/**
 * Hosts behind OpenRouter whose operator the catalog knows, by OpenRouter's slug (a base slug covers its variants). Slugs: public client
 * libraries, 2026-11; `only`, `data_collection` and `zdr`: its documentation of provider routing.
 */
export const routes: Routes = {
  hosts: {
    openai: 'openai',
    azure: 'azure-openai',
    anthropic: 'anthropic',
    'google-vertex': 'google-vertex',
    'google-ai-studio': 'google',
    'amazon-bedrock': 'amazon-bedrock',
    mistral: 'mistral',
    xai: 'xai',
    groq: 'groq',
    together: 'together',
    fireworks: 'fireworks',
    cerebras: 'cerebras',
    deepinfra: 'deepinfra',
    deepseek: 'deepseek',
    moonshotai: 'moonshot',
    perplexity: 'perplexity',
    nvidia: 'nvidia',
    cohere: 'cohere',
    cloudflare: 'workers-ai',
    'z-ai': 'zai',
    alibaba: 'alibaba',
    siliconflow: 'siliconflow',
    baseten: 'baseten',
    nebius: 'nebius',
    wandb: 'wandb',
    meta: 'meta',
  },
  promises: ['no-training', 'no-retention'],
  tell: (order) => ({ provider: providerOf(order) }),
}

/** Nobody else may step in for those that are named, and none that the parameters do not reach. */
function providerOf({ only, promised }: Order): Readonly<Record<string, Json>> {
  return {
    ...(only && { only: [...only] }),
    ...(promised && { data_collection: 'deny' }),
    ...(promised === 'no-retention' && { zdr: true }),
  }
}
