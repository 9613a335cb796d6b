import { isAlphanumeric, isDigit, isLatin } from './characters.ts'
import { DOT } from './groups.ts'
import type { Candidate } from './types.ts'
import type { Scan } from './window.ts'

/** Four groups with dots between, of which group `first` is the first. Not a version, a mask or an address that is nobody's. */
export function scanIpv4(scan: Scan, first: number): void {
  const { text, starts, ends, separators } = scan.groups
  if (separators[first] !== DOT || (first > 0 && separators[first - 1] === DOT)) return
  let last = first
  while (separators[last] === DOT && last < first + 4) last++
  const start = starts[first] ?? 0
  const end = ends[last] ?? 0
  if (last !== first + 3 || !standsAsAddress(text, start, end)) return
  const parts = text.slice(start, end).split('.')
  if (!parts.every(isOctet) || isNobodys(parts.map(Number))) return
  if (!scan.context.near('version', start, end)) scan.found({ type: 'ip', sure: false }, start, end)
}

function standsAsAddress(text: string, start: number, end: number): boolean {
  if (isLatin(text.charCodeAt(start - 1)) || isLatin(text.charCodeAt(end))) return false
  if ((text[start - 1] === '-' || text[start - 1] === '.') && isAlphanumeric(text.charCodeAt(start - 2))) return false
  return !((text[end] === '-' || text[end] === '+') && isLatin(text.charCodeAt(end + 1)))
}

function isOctet(part: string): boolean {
  return part.length <= 3 && Number(part) <= 255 && (part.length === 1 || !part.startsWith('0'))
}

/** Unspecified, loopback, multicast, reserved and masks. Private ones are somebody's. */
function isNobodys([first = 0]: readonly number[]): boolean {
  return first === 0 || first === 127 || first >= 224
}

/** IPv6 addresses: eight groups, or fewer around `::` that begin as unicast ones do (2000::/3, fc00::/7, fe80::/10). */
export function findIpv6(text: string): readonly Candidate[] {
  const found: Candidate[] = []
  for (let colon = text.indexOf(':'); colon >= 0;) {
    const start = leftOf(text, colon)
    let end = colon
    while (isPart(text.charCodeAt(end))) end++
    if (text[end - 1] === ':' && text[end - 2] !== ':') end--
    if (end - start <= LONGEST && isIpv6(text, start, end)) found.push({ type: 'ip', start, end, sure: true })
    colon = text.indexOf(':', Math.max(end, colon + 1))
  }
  return found
}

const LONGEST = 39

function leftOf(text: string, colon: number): number {
  let start = colon
  while (start > colon - 5 && isHexadecimal(text.charCodeAt(start - 1))) start--
  return start
}

function isHexadecimal(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70)
}

function isPart(code: number): boolean {
  return code === 58 || isHexadecimal(code)
}

function isIpv6(text: string, start: number, end: number): boolean {
  if (isAlphanumeric(text.charCodeAt(start - 1)) || isAlphanumeric(text.charCodeAt(end))) return false
  const halves = text.slice(start, end).split('::')
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  if (halves.length > 2 || groups.some((group) => group.length === 0 || group.length > 4)) return false
  if (halves.length === 1) return groups.length === 8
  const [first = ''] = groups
  return groups.length < 8 && first.length >= 3 && '23fF'.includes(first[0] ?? '?')
}
