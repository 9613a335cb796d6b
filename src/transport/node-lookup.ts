import dns from 'node:dns'
import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { TransportFailure } from '#src/core/transport.ts'
import { refuseAddress } from './egress.ts'

/** Resolves a name to all its addresses, as `dns.lookup` does with `all`. */
export type ResolveAll = (
  hostname: string,
  options: dns.LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** A connection was not made because of where it led. */
export class RefusedAddress extends Error {
  readonly failure: TransportFailure
  constructor(failure: TransportFailure) {
    super(failure.message)
    this.name = 'RefusedAddress'
    this.failure = failure
  }
}

/**
 * A resolver for sockets: the addresses that it gives were judged, and the socket dials exactly these,
 * so that a name that answers differently the next time gains nothing.
 */
export function guardedLookup(local: boolean, resolve: ResolveAll = dns.lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, [])
      const good = addresses.filter(({ address }) => refuseAddress(address, local) === undefined)
      const [first] = good
      if (first === undefined) return callback(refusal(hostname, addresses, local), [])
      if (options.all === true) callback(null, good)
      else callback(null, first.address, first.family)
    })
  }
}

function refusal(hostname: string, addresses: readonly LookupAddress[], local: boolean): Error {
  const [first] = addresses
  if (first === undefined) return Object.assign(new Error(`\`${hostname}\` has no address`), { code: 'ENOTFOUND' })
  const failure = refuseAddress(first.address, local)
  return new RefusedAddress({
    code: 'refused_address',
    message: `\`${hostname}\` leads nowhere it may: ${failure?.message ?? 'no address'}`,
    sentNothing: true,
  })
}
