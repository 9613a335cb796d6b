import type { Routes } from '#src/core/routes.ts'

/**
 * Hosts behind the router by its own names, as they stand behind the colon of `model:provider`. It is told by the model's id alone: an id without
 * one goes to whomever it likes, and so do its policies (`:fastest`, `:cheapest`). Source: shared facts on providers (2026-11-23).
 */
export const routes: Routes = {
  hosts: {
    groq: 'groq',
    together: 'together',
    'fireworks-ai': 'fireworks',
    cerebras: 'cerebras',
    cohere: 'cohere',
    baseten: 'baseten',
    nebius: 'nebius',
    'zai-org': 'zai',
  },
  fixed(model) {
    const colon = model.lastIndexOf(':')
    const host = model.slice(colon + 1)
    return colon > 0 && Object.hasOwn(routes.hosts, host) ? host : undefined
  },
  promises: [],
}
