import { arrayAt, isObject, stringAt, type JsonObject } from '#src/core/json.ts'
import type { UpstreamHead } from '#src/core/transport.ts'
import type { ErrorShape } from './error-shape.ts'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const PHRASES = ['try again in ', 'retry after ', 'retry in ', 'again in ']

/**
 * How long an upstream asks to wait, in ms: from its headers, else from what it writes. No clock: a date counts against the answer's own
 * `date`. Undefined: it does not say.
 */
export function retryAfterMs(head: UpstreamHead, shape: ErrorShape): number | undefined {
  return (
    plainNumber(head.headers['retry-after-ms']) ??
    headerWait(head) ??
    retryInfo(shape.more) ??
    messageWait(shape.message ?? '') ??
    exhaustedLimit(head)
  )
}

/** `7.66s`, `2m59.56s`, `120ms`, `1h`, and a bare number of seconds, in ms. */
export function parseWait(text: string): number | undefined {
  const bare = plainNumber(text)
  if (bare !== undefined) return bare * 1000
  let total = 0
  let at = 0
  while (at < text.length) {
    const number = takeWhile(text, at, isNumeric)
    const unit = takeWhile(text, at + number.length, isLetter)
    const amount = plainNumber(number)
    const factor = UNITS[unit]
    if (amount === undefined || factor === undefined) return undefined
    total += amount * factor
    at += number.length + unit.length
  }
  return total === 0 && text === '' ? undefined : Math.ceil(total)
}

function headerWait({ headers }: UpstreamHead): number | undefined {
  const value = headers['retry-after']
  if (value === undefined) return undefined
  const wait = parseWait(value.trim())
  if (wait !== undefined) return wait
  const until = Date.parse(value)
  const now = Date.parse(headers['date'] ?? '')
  return Number.isNaN(until) || Number.isNaN(now) ? undefined : Math.max(0, until - now)
}

/** Google's `details: [{ "@type": ".../google.rpc.RetryInfo", retryDelay: "13s" }]`. */
function retryInfo(more: JsonObject): number | undefined {
  for (const detail of arrayAt(more, 'details') ?? []) {
    const delay = isObject(detail) ? stringAt(detail, 'retryDelay') : undefined
    if (delay !== undefined) return parseWait(delay)
  }
  return undefined
}

/** `Please try again in 2m59.56s.`, `Please retry after 45 seconds.` */
function messageWait(message: string): number | undefined {
  const text = message.toLowerCase()
  for (const phrase of PHRASES) {
    const at = text.indexOf(phrase)
    if (at === -1) continue
    const start = at + phrase.length
    const word = takeWhile(text, start, (char) => isNumeric(char) || isLetter(char))
    const wait = parseWait(word.endsWith('.') ? word.slice(0, -1) : word)
    if (wait === undefined) continue
    const unit = text.slice(start + word.length).trimStart()
    return unit.startsWith('minute') ? wait * 60 : wait
  }
  return undefined
}

/** `x-ratelimit-reset-*` of the limits that are used up; several: the longest. */
function exhaustedLimit({ headers }: UpstreamHead): number | undefined {
  let longest: number | undefined
  for (const what of ['requests', 'tokens']) {
    if (headers[`x-ratelimit-remaining-${what}`] !== '0') continue
    const reset = parseWait(headers[`x-ratelimit-reset-${what}`] ?? '-')
    if (reset !== undefined) longest = Math.max(longest ?? 0, reset)
  }
  return longest
}

function plainNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === '' || takeWhile(text, 0, isNumeric) !== text) return undefined
  const number = Number(text)
  return Number.isFinite(number) ? number : undefined
}

function takeWhile(text: string, from: number, is: (char: string) => boolean): string {
  let at = from
  while (at < text.length && is(text.charAt(at))) at++
  return text.slice(from, at)
}

function isNumeric(char: string): boolean {
  return (char >= '0' && char <= '9') || char === '.'
}

function isLetter(char: string): boolean {
  return char >= 'a' && char <= 'z'
}
