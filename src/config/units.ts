const DURATIONS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
/** Powers of 1024, as other servers' body limits count. */
const SIZES = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 } as const

/** `250ms 5s 2m 1h 90d` in ms; undefined: no duration. */
export function parseDuration(text: string): number | undefined {
  return parseUnits(text, DURATIONS)
}

/** Milliseconds as the shortest duration that says it exactly. */
export function formatDuration(ms: number): string {
  return formatUnits(ms, DURATIONS)
}

/** `64KB 20MB` in bytes; undefined: no size. */
export function parseSize(text: string): number | undefined {
  return parseUnits(text, SIZES)
}

/** Bytes as the shortest size that says it exactly. */
export function formatSize(bytes: number): string {
  return formatUnits(bytes, SIZES)
}

/** Decimal digits, with at most one point in them, as a number; undefined: anything else. */
export function parseDecimal(text: string): number | undefined {
  const [whole = '', fraction, more] = text.split('.')
  if (more !== undefined || !isDigits(whole) || (fraction !== undefined && !isDigits(fraction))) return undefined
  return Number(text)
}

function parseUnits(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const end = digitsEnd(text)
  const factor = Object.hasOwn(units, text.slice(end)) ? units[text.slice(end)] : undefined
  if (end === 0 || factor === undefined) return undefined
  const value = Number(text.slice(0, end)) * factor
  return Number.isSafeInteger(value) ? value : undefined
}

function formatUnits(value: number, units: Readonly<Record<string, number>>): string {
  let best = ''
  for (const [unit, factor] of Object.entries(units)) {
    if (best === '' || (value !== 0 && value % factor === 0)) best = `${value / factor}${unit}`
  }
  return best
}

function digitsEnd(text: string): number {
  let end = 0
  while (end < text.length && isDigit(text.charCodeAt(end))) end++
  return end
}

function isDigits(text: string): boolean {
  return text !== '' && digitsEnd(text) === text.length
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}
