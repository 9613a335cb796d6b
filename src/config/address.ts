import { hostClass } from '#src/core/address.ts'

/** What a host of a URL is, as far as its text says. */
export type HostKind = 'loopback' | 'private' | 'public' | 'name'

/** The kind of a `URL.hostname`, as the egress guard judges it; whatever may not be dialled without being meant is `private`. */
export function hostKind(hostname: string): HostKind {
  const is = hostClass(hostname)
  return is === 'loopback' || is === 'public' || is === 'name' ? is : 'private'
}
