/**
 * What an IP address is for. `private` takes in unique-local and carrier-grade NAT, `reserved` whatever nobody should dial:
 * multicast, documentation, benchmarking, and public IPv4 addresses wrapped in IPv6.
 */
export type AddressClass = 'public' | 'loopback' | 'private' | 'link-local' | 'metadata' | 'unspecified' | 'reserved'

type Bytes = readonly number[]

interface Range {
  readonly prefix: Bytes
  readonly bits: number
}

/** `embedded`: the class is that of the IPv4 address which begins at this byte. */
type Rule = readonly [range: string, is: AddressClass | { readonly embedded: number }]

// The first match counts. IANA special-purpose registries for IPv4 and IPv6, and the metadata services of the clouds.
const IPV4: readonly Rule[] = [
  ['0.0.0.0/8', 'unspecified'],
  ['10.0.0.0/8', 'private'],
  ['100.100.100.200/32', 'metadata'],
  ['100.64.0.0/10', 'private'],
  ['127.0.0.0/8', 'loopback'],
  ['168.63.129.16/32', 'metadata'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.192/32', 'metadata'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'reserved'],
  ['192.88.99.0/24', 'reserved'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'reserved'],
  ['198.51.100.0/24', 'reserved'],
  ['203.0.113.0/24', 'reserved'],
  ['224.0.0.0/3', 'reserved'],
  ['0.0.0.0/0', 'public'],
]

const IPV6: readonly Rule[] = [
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['::/96', { embedded: 12 }],
  ['::ffff:0:0/96', { embedded: 12 }],
  ['64:ff9b::/96', { embedded: 12 }],
  ['2002::/16', { embedded: 2 }],
  ['fd00:ec2::/32', 'metadata'],
  ['fd20:ce::/32', 'metadata'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'private'],
  ['2001::/23', 'reserved'],
  ['2001:db8::/32', 'reserved'],
  ['3fff::/20', 'reserved'],
  ['2000::/3', 'public'],
  ['::/0', 'reserved'],
]

const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
])

/** The class of an IP address as a resolver or `URL.hostname` writes it (brackets and a zone are allowed); undefined: it is no address. */
export function addressClass(text: string): AddressClass | undefined {
  const bytes = parseAddress(text)
  return bytes === undefined ? undefined : classOf(bytes)
}

/**
 * The class of a host as it stands in a URL. Every spelling that a URL parser takes for an address counts (`0x7f.1`, `2130706433`);
 * a name that needs a resolver is `name`.
 */
export function hostClass(host: string): AddressClass | 'name' {
  const canonical = withoutDot(canonicalHost(host))
  if (canonical === 'localhost' || canonical.endsWith('.localhost')) return 'loopback'
  if (METADATA_NAMES.has(canonical)) return 'metadata'
  return addressClass(canonical) ?? 'name'
}

/** True when `address` lies in `range` (`10.0.0.0/8`, or one address); false when either is none. */
export function inRange(address: string, range: string): boolean {
  const bytes = parseAddress(address)
  const parsed = parseRange(range)
  return bytes !== undefined && parsed !== undefined && within(bytes, parsed)
}

/** Whether this is a network (`10.0.0.0/8`, `2001:db8::/32`) or one address. */
export function isRange(text: string): boolean {
  return parseRange(text) !== undefined
}

/** An IPv4 address that is written as one of IPv6, as IPv4; any other host as it is. */
export function unwrapped(host: string): string {
  const bytes = parseAddress(host)
  return bytes?.length === 16 && inRange(host, '::ffff:0:0/96') ? bytes.slice(12).join('.') : host
}

function canonicalHost(host: string): string {
  const bare = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  const url = URL.parse(`http://${bare}`)
  return url === null ? host.toLowerCase() : url.hostname
}

function withoutDot(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host
}

const RULES: ReadonlyMap<number, readonly { range: Range; is: Rule[1] }[]> = new Map([
  [4, compile(IPV4)],
  [16, compile(IPV6)],
])

function compile(rules: readonly Rule[]): { range: Range; is: Rule[1] }[] {
  return rules.map(([text, is]) => {
    const range = parseRange(text)
    if (range === undefined) throw new Error(`bad range \`${text}\``)
    return { range, is }
  })
}

function classOf(bytes: Bytes): AddressClass {
  const is = RULES.get(bytes.length)?.find((rule) => within(bytes, rule.range))?.is ?? 'reserved'
  if (typeof is === 'string') return is
  const inner = classOf(bytes.slice(is.embedded, is.embedded + 4))
  return inner === 'public' ? 'reserved' : inner
}

function within(bytes: Bytes, range: Range): boolean {
  if (bytes.length !== range.prefix.length) return false
  for (let bit = 0; bit < range.bits; bit += 8) {
    const mask = 0xff & (0xff00 >> Math.min(8, range.bits - bit))
    const index = bit / 8
    if (((bytes[index] ?? 0) & mask) !== ((range.prefix[index] ?? 0) & mask)) return false
  }
  return true
}

function parseRange(text: string): Range | undefined {
  const slash = text.indexOf('/')
  const prefix = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (prefix === undefined) return undefined
  const bits = slash < 0 ? prefix.length * 8 : decimal(text.slice(slash + 1), prefix.length * 8)
  return bits === undefined ? undefined : { prefix, bits }
}

function parseAddress(text: string): Bytes | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  return bare.includes(':') ? parseIpv6(bare) : parseIpv4(bare)
}

function parseIpv4(text: string): Bytes | undefined {
  const bytes: number[] = []
  for (const part of text.split('.')) {
    const byte = decimal(part, 255)
    if (byte === undefined) return undefined
    bytes.push(byte)
  }
  return bytes.length === 4 ? bytes : undefined
}

function parseIpv6(text: string): Bytes | undefined {
  const zone = text.indexOf('%')
  const bare = zone < 0 ? text : text.slice(0, zone)
  const gap = bare.indexOf('::')
  if (gap < 0) {
    const bytes = parseGroups(bare, true)
    return bytes?.length === 16 ? bytes : undefined
  }
  const head = gap === 0 ? [] : parseGroups(bare.slice(0, gap), false)
  const tail = gap + 2 === bare.length ? [] : parseGroups(bare.slice(gap + 2), true)
  if (head === undefined || tail === undefined || head.length + tail.length > 14) return undefined
  return [...head, ...Array.from({ length: 16 - head.length - tail.length }, () => 0), ...tail]
}

/** `last`: these groups end the address, so that the last may be an IPv4 address. */
function parseGroups(text: string, last: boolean): Bytes | undefined {
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [index, group] of groups.entries()) {
    const quad = last && index === groups.length - 1 ? parseIpv4(group) : undefined
    const value = quad === undefined ? hex(group) : undefined
    if (quad !== undefined) bytes.push(...quad)
    else if (value !== undefined) bytes.push(value >> 8, value & 0xff)
    else return undefined
  }
  return bytes
}

/** Digits only, no leading zero (elsewhere it means octal), at most `most`. */
function decimal(text: string, most: number): number | undefined {
  if (text.length === 0 || text.length > 3 || (text.length > 1 && text.startsWith('0'))) return undefined
  for (const character of text) if (character < '0' || character > '9') return undefined
  const value = Number(text)
  return value <= most ? value : undefined
}

function hex(text: string): number | undefined {
  if (text.length === 0 || text.length > 4) return undefined
  for (const character of text.toLowerCase()) if (!'0123456789abcdef'.includes(character)) return undefined
  return Number.parseInt(text, 16)
}
