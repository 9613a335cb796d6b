import type { Adapter } from './adapter.ts'
import type { Endpoint } from './endpoint.ts'

/** Whether requests of this dialect travel to a model as they came. */
export function isNative(adapter: Adapter, endpoint: Endpoint, model: string): boolean {
  return adapter.endpoints.includes(endpoint) && (adapter.speaks?.(endpoint, model) ?? true)
}
