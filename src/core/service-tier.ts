import type { Json } from './json.ts'

/**
 * The name of a service tier or a region as prices know it, in lower case; undefined: it is none. Callers and upstreams write it, and it is logged:
 * nothing else gets through.
 */
export function tierName(value: Json | undefined): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > 32 || !value.isWellFormed()) return undefined
  // One word of ASCII.
  return encodeURIComponent(value) === value ? value.toLowerCase() : undefined
}

/** What asks for nothing in particular. */
const USUAL: ReadonlySet<string> = new Set(['auto', 'default', 'standard', 'standard_only', 'on_demand'])

/** The tier that an answer names, as a member of its usage. */
export function answeredTier(value: Json | undefined): { readonly serviceTier?: string } {
  const serviceTier = tierName(value)
  return serviceTier === undefined ? {} : { serviceTier }
}

/** The tier that a request asks for, as a member of its signals: nothing where it is the usual one. */
export function askedTier(value: Json | undefined): { readonly serviceTier?: string } {
  const serviceTier = tierName(value)
  return serviceTier === undefined || USUAL.has(serviceTier) ? {} : { serviceTier }
}
