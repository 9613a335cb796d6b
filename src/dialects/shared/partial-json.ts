import { parseJson, type Json } from '#src/core/json.ts'

/** JSON that may have been cut off: what was complete of it, its open lists and objects closed. Undefined: nothing was. */
export function parsePartial(text: string): Json | undefined {
  return parseJson(text) ?? parseJson(closed(text))
}

interface Scan {
  /** What closes the lists and objects that are open, the innermost last. */
  readonly closers: string[]
  /** The last sign of structure: it tells a member's name from its value. */
  before: string
  /** The text up to here, and these closers behind it, are JSON. */
  safe: number
  safeClosers: string
}

/** The text up to the last place where it can be closed. */
function closed(text: string): string {
  const scan: Scan = { closers: [], before: '', safe: 0, safeClosers: '' }
  let at = 0
  while (at < text.length) at = step(text, at, scan)
  return text.slice(0, scan.safe) + scan.safeClosers
}

/** Takes what begins at `at`; gives the place behind it. */
function step(text: string, at: number, scan: Scan): number {
  const char = text.charAt(at)
  switch (char) {
    case '{':
    case '[':
      scan.closers.push(char === '{' ? '}' : ']')
      scan.before = char
      return mark(at + 1, scan)
    case '}':
    case ']':
      scan.closers.pop()
      return mark(at + 1, scan)
    case ',':
    case ':':
      scan.before = char
      return at + 1
    case '"': {
      const end = endOfString(text, at)
      return end > text.length || isName(scan) ? end : mark(end, scan)
    }
    default:
      return SPACES.has(char) ? at + 1 : literal(text, at, scan)
  }
}

/** A name is nothing without its value. */
function isName({ closers, before }: Scan): boolean {
  return closers.at(-1) === '}' && before !== ':'
}

function mark(at: number, scan: Scan): number {
  scan.safe = at
  scan.safeClosers = scan.closers.toReversed().join('')
  return at
}

const SPACES: ReadonlySet<string> = new Set([' ', '\n', '\r', '\t'])
const ENDS: ReadonlySet<string> = new Set([...SPACES, ',', ':', '}', ']'])

/** Numbers and words end where something else begins: at the end of the text more of them may have come. */
function literal(text: string, at: number, scan: Scan): number {
  let end = at
  while (end < text.length && !ENDS.has(text.charAt(end))) end++
  return end < text.length ? mark(end, scan) : end
}

/** Behind the closing quote; beyond the text where there is none. */
function endOfString(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    const char = text.charAt(end)
    if (char === '\\') end++
    else if (char === '"') return end + 1
  }
  return text.length + 1
}
