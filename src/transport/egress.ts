import { addressClass, hostClass, inRange } from '#src/core/address.ts'
import type { AddressClass } from '#src/core/address.ts'
import type { Egress, TransportFailure } from '#src/core/transport.ts'

/**
 * Why the host of this URL must not be asked, judged by what is written there; undefined: it may be.
 * A name is judged again by the addresses that it resolves to, where the runtime lets us see them.
 */
export function refuseUrl(url: URL, egress: Egress): TransportFailure | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refused(`\`${url.protocol}\` is not http or https`)
  const is = hostClass(url.hostname)
  if (is === 'name' || permitted(is, egress.local, true)) return undefined
  return refused(describe(url.hostname, is, egress.local))
}

/** Why an address that a name resolved to must not be dialled; undefined: it may be. */
export function refuseAddress(address: string, local: boolean): TransportFailure | undefined {
  const is = addressClass(address) ?? 'reserved'
  return permitted(is, local, false) ? undefined : refused(describe(address, is, local))
}

/**
 * `literal`: the operator wrote this very address. Link-local and metadata addresses hand out credentials of the machine,
 * so that no name may lead there.
 */
function permitted(is: AddressClass, local: boolean, literal: boolean): boolean {
  switch (is) {
    case 'public':
      return true
    case 'loopback':
    case 'private':
      return local
    case 'link-local':
    case 'metadata':
    case 'unspecified':
      return local && literal
    case 'reserved':
      return false
  }
}

function describe(host: string, is: AddressClass, local: boolean): string {
  const mend = !local && is !== 'reserved' ? '; write `local: true` if it is meant' : ''
  return `\`${host}\` is a ${is} address${mend}`
}

function refused(message: string): TransportFailure {
  return { code: 'refused_address', message, sentNothing: true }
}

/** True when this URL is asked without the proxy: `NO_PROXY` as curl reads it, with address ranges and ports. */
export function bypassesProxy(url: URL, noProxy: string | undefined): boolean {
  if (noProxy === undefined) return false
  const host = bare(url.hostname)
  const port = url.port !== '' ? url.port : url.protocol === 'https:' ? '443' : '80'
  return noProxy
    .split(',')
    .flatMap((part) => part.split(' '))
    .some((entry) => entry !== '' && entryCovers(entry.toLowerCase(), host, port))
}

function entryCovers(entry: string, host: string, port: string): boolean {
  const colon = entry.lastIndexOf(':')
  const hasPort = colon > 0 && (entry.indexOf(':') === colon || entry[colon - 1] === ']')
  if (hasPort && entry.slice(colon + 1) !== port) return false
  const name = bare(hasPort ? entry.slice(0, colon) : entry)
  if (name === '*' || name === host || inRange(host, name)) return true
  if (name.startsWith('*.')) return host.endsWith(name.slice(1))
  const suffix = name.startsWith('.') ? name.slice(1) : name
  return suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`))
}

function bare(host: string): string {
  const open = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  return open.endsWith('.') ? open.slice(0, -1) : open
}
