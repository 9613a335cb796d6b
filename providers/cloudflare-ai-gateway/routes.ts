import type { Routes } from '#src/core/routes.ts'

/**
 * Hosts behind the gateway by its own names, as they stand before the first slash of an id. It is told by the id alone: `dynamic/…`,
 * `cloudflare/auto`, the customer's own providers and other gateways go to whomever they like. Its zero data retention is no promise: it holds
 * for some hosts and keys, and is left out in silence for others. Source: its documentation (2026-11).
 */
export const routes: Routes = {
  hosts: {
    openai: 'openai',
    anthropic: 'anthropic',
    'google-ai-studio': 'google',
    'workers-ai': 'workers-ai',
    groq: 'groq',
    mistral: 'mistral',
    cohere: 'cohere',
    'perplexity-ai': 'perplexity',
    grok: 'xai',
    xai: 'xai',
    deepseek: 'deepseek',
    cerebras: 'cerebras',
  },
  fixed(model) {
    const host = model.slice(0, Math.max(0, model.indexOf('/')))
    return Object.hasOwn(routes.hosts, host) ? host : undefined
  },
  promises: [],
}
