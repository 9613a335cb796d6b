/** What a host of a URL is, as far as its text says. */
export type HostKind = 'loopback' | 'private' | 'public' | 'name'

/** The kind of a `URL.hostname`, which the URL parser has brought into its one spelling. */
export function hostKind(hostname: string): HostKind {
  const host = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback'
  if (host.startsWith('[') || host.includes(':')) {
    const groups = parseIpv6(host.startsWith('[') ? host.slice(1, -1) : host)
    return groups === undefined ? 'name' : ipv6Kind(groups)
  }
  const bytes = parseIpv4(host)
  return bytes === undefined ? 'name' : ipv4Kind(bytes)
}

function parseIpv4(host: string): readonly number[] | undefined {
  const parts = host.split('.').map(decimalByte)
  return parts.length === 4 && parts.every((part) => part !== undefined) ? parts : undefined
}

function decimalByte(text: string): number | undefined {
  const value = text.length > 0 && text.length < 4 ? Number(text) : Number.NaN
  return Number.isInteger(value) && value >= 0 && value <= 255 ? value : undefined
}

function ipv4Kind([a = 0, b = 0, c = 0]: readonly number[]): HostKind {
  if (a === 127) return 'loopback'
  if (a === 0 || a === 10 || a >= 224) return 'private'
  if ((a === 100 && b >= 64 && b < 128) || (a === 169 && b === 254) || (a === 172 && b >= 16 && b < 32))
    return 'private'
  if ((a === 192 && (b === 168 || (b === 0 && c === 0))) || (a === 198 && (b === 18 || b === 19))) return 'private'
  return 'public'
}

/** Eight groups of the normal form: hexadecimal, at most one `::`. */
function parseIpv6(text: string): readonly number[] | undefined {
  const [head = '', tail, more] = text.split('::')
  if (more !== undefined) return undefined
  const front = groupsOf(head)
  const back = groupsOf(tail ?? '')
  if (front === undefined || back === undefined) return undefined
  const gap = 8 - front.length - back.length
  if (tail === undefined ? gap !== 0 : gap < 1) return undefined
  return [...front, ...Array.from({ length: gap }, () => 0), ...back]
}

function groupsOf(text: string): readonly number[] | undefined {
  if (text === '') return []
  const groups = text
    .split(':')
    .map((group) => (group.length > 0 && group.length < 5 ? Number(`0x${group}`) : Number.NaN))
  return groups.some(Number.isNaN) ? undefined : groups
}

function ipv6Kind(groups: readonly number[]): HostKind {
  const [a = 0, b = 0, c = 0, , , f = 0, g = 0, h = 0] = groups
  const leading = groups.slice(0, 5).every((group) => group === 0)
  if (leading && f === 0 && g === 0 && h === 1) return 'loopback'
  // An IPv4 address in another coat: mapped, compatible, NAT64, 6to4.
  if (leading && (f === 0xffff || f === 0)) return ipv4Kind(bytesOf(g, h))
  if (a === 0x64 && b === 0xff9b) return ipv4Kind(bytesOf(g, h))
  if (a === 0x2002) return ipv4Kind(bytesOf(b, c))
  // Unique local, link-local, site-local, multicast.
  if ((a & 0xfe00) === 0xfc00 || (a & 0xff80) === 0xfe80 || (a & 0xff00) === 0xff00) return 'private'
  return 'public'
}

function bytesOf(high: number, low: number): readonly number[] {
  return [high >> 8, high & 255, low >> 8, low & 255]
}
