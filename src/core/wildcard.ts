/** A compiled `*` pattern: true when the whole text matches. */
export type Matcher = (text: string) => boolean

/** Counts comparisons, so that a test can hold the matcher to linear work without a clock. */
export interface Steps {
  count: number
}

/**
 * A pattern in which `*` stands for any run of characters, the empty one included, and everything else for itself. Linear in the text's length
 * whatever the pattern (Knuth-Morris-Pratt a segment). `fold` is applied to the pattern's segments once and to each text.
 */
export function compilePattern(pattern: string, fold: (text: string) => string = same): Matcher {
  const match = compileStepped(pattern, fold)
  return (text) => match(text, { count: 0 })
}

/** `compilePattern` with its work counted. */
export function compileStepped(
  pattern: string,
  fold: (text: string) => string = same,
): (text: string, steps: Steps) => boolean {
  const segments = pattern.split('*').map(fold)
  const first = segments[0] ?? ''
  if (segments.length === 1) return (text, steps) => equals(fold(text), first, steps)
  const last = segments.at(-1) ?? ''
  const middle = segments
    .slice(1, -1)
    .filter((segment) => segment !== '')
    .map(needle)
  return (text, steps) => {
    const folded = fold(text)
    const end = folded.length - last.length
    steps.count += first.length + last.length
    if (end < first.length || !folded.startsWith(first) || !folded.startsWith(last, end)) return false
    let from = first.length
    for (const part of middle) {
      from = findEnd(part, folded, { from, end, steps })
      if (from < 0) return false
    }
    return true
  }
}

interface Needle {
  readonly text: string
  /** At i: the length of the longest proper border of the first i + 1 characters. */
  readonly borders: Int32Array
}

function needle(text: string): Needle {
  const borders = new Int32Array(text.length)
  let length = 0
  for (let index = 1; index < text.length; index++) {
    while (length > 0 && text.charCodeAt(index) !== text.charCodeAt(length)) length = borders[length - 1] ?? 0
    if (text.charCodeAt(index) === text.charCodeAt(length)) length++
    borders[index] = length
  }
  return { text, borders }
}

/** Where the first occurrence within [from, end) ends, or -1. */
function findEnd(part: Needle, text: string, range: { from: number; end: number; steps: Steps }): number {
  let length = 0
  for (let index = range.from; index < range.end; index++) {
    range.steps.count++
    const code = text.charCodeAt(index)
    while (length > 0 && code !== part.text.charCodeAt(length)) {
      range.steps.count++
      length = part.borders[length - 1] ?? 0
    }
    if (code === part.text.charCodeAt(length)) length++
    if (length === part.text.length) return index + 1
  }
  return -1
}

function equals(text: string, other: string, steps: Steps): boolean {
  steps.count += Math.min(text.length, other.length)
  return text === other
}

function same(text: string): string {
  return text
}
