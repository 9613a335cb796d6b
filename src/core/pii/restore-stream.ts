/** A stream in which placeholders are put back. A value: it may be kept, copied and gone on from. */
export interface RestoreState {
  readonly originals: ReadonlyMap<string, string>
  /** The longest placeholder, in UTF-16 units: no more than this is ever held back. */
  readonly longest: number
  /** The beginning of what may become a placeholder. */
  readonly held: string
}

const OPEN = '['
const CLOSE = ']'

/** Before the first chunk. `originals`: placeholders with what each stands for. */
export function start(originals: ReadonlyMap<string, string>): RestoreState {
  return { originals, longest: longestOf(originals), held: '' }
}

/** The next chunk: what can be passed on, and the state behind it. However a text is cut, all that comes out is what `restore` gives of the whole. */
export function push(state: RestoreState, chunk: string): { readonly state: RestoreState; readonly out: string } {
  const text = state.held + chunk
  const to = openFrom(text, state.longest)
  const out = restoreText(text.slice(0, to), state.originals, state.longest)
  return { state: { ...state, held: text.slice(to) }, out }
}

/** What was held back, at the end: a placeholder that never came to its end stays as it was written. */
export function end({ held }: RestoreState): string {
  return held
}

const lengths = new WeakMap<ReadonlyMap<string, string>, { readonly size: number; readonly longest: number }>()

/** The longest of some placeholders, in UTF-16 units. Worked out once for as many as there are: an answer holds many texts. */
export function longestOf(originals: ReadonlyMap<string, string>): number {
  const { size } = originals
  const known = lengths.get(originals)
  if (known?.size === size) return known.longest
  const longest = [...originals.keys()].reduce((most, { length }) => Math.max(most, length), 0)
  lengths.set(originals, { size, longest })
  return longest
}

/** A text with its placeholders put back, in one pass: what is put back is not read again. */
export function restoreText(text: string, originals: ReadonlyMap<string, string>, longest: number): string {
  const parts: string[] = []
  let from = 0
  for (let open = text.indexOf(OPEN); open >= 0; open = text.indexOf(OPEN, open + 1)) {
    const close = nameEnd(text, open + 1, open + longest)
    const original = text[close] === CLOSE ? originals.get(text.slice(open, close + 1)) : undefined
    if (original === undefined) continue
    parts.push(text.slice(from, open), original)
    from = close + 1
  }
  return from === 0 ? text : parts.join('') + text.slice(from)
}

/** Whatever in a text has the form of a placeholder. Linear: it is asked of texts that hold thousands of items. */
export function bracketsIn(text: string): ReadonlySet<string> {
  const found = new Set<string>()
  for (let open = text.indexOf(OPEN); open >= 0; open = text.indexOf(OPEN, open + 1)) {
    const close = nameEnd(text, open + 1, text.length)
    if (text[close] === CLOSE) found.add(text.slice(open, close + 1))
  }
  return found
}

/** Where a placeholder may have begun that has not come to its end, or the end of the text. */
function openFrom(text: string, longest: number): number {
  const open = text.lastIndexOf(OPEN)
  if (open < 0 || text.length - open >= longest) return text.length
  return nameEnd(text, open + 1, text.length) === text.length ? open : text.length
}

function nameEnd(text: string, from: number, to: number): number {
  let at = from
  while (at < to && isName(text.charCodeAt(at))) at++
  return at
}

/** Capital letters, digits and underscores. */
function isName(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95
}
