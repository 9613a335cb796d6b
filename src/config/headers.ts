import type { Path } from './problem.ts'
import type { Report } from './report.ts'

/** Headers that belong to the connection or to the body that tutti writes. */
const RESERVED = new Set(
  'host connection content-length content-encoding transfer-encoding te trailer upgrade keep-alive expect proxy-authorization proxy-connection'.split(
    ' ',
  ),
)
const TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"

/** Extra headers of a provider with lower-case names; the wrong ones are reported and left out. */
export function checkHeaders(
  headers: Readonly<Record<string, string>> | undefined,
  path: Path,
  report: Report,
): Record<string, string> {
  const checked: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers ?? {})) {
    const lower = name.toLowerCase()
    const message = faultOf(lower, value, checked)
    if (message === undefined) checked[lower] = value
    else report.error({ path: [...path, name], message, at: 'key' })
  }
  return checked
}

function faultOf(name: string, value: string, seen: Readonly<Record<string, string>>): string | undefined {
  if (name === '' || [...name].some((char) => !TOKEN.includes(char))) return `\`${name}\` is no header name`
  if (RESERVED.has(name)) return `the header \`${name}\` is tutti's own to write`
  if (Object.hasOwn(seen, name)) return `the header \`${name}\` is written twice`
  for (const char of value)
    if ((char < ' ' && char !== '\t') || char === '\u007F' || char > '\u00FF')
      return `the value of header \`${name}\` holds a character that no header may carry`
  return undefined
}
