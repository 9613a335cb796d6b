/** What a part has said so far, the last piece first: a list that is never copied, read only where sources name places in it. */
export interface Said {
  readonly text: string
  readonly before: Said | undefined
  /** UTF-16 units up to here. */
  readonly length: number
}

/** UTF-16 units that are kept: more than any model writes in one answer. Behind them sources have no places. */
const MAX_KEPT = 4 * 1024 * 1024

export function saying(before: Said | undefined, text: string): Said {
  const length = (before?.length ?? 0) + text.length
  return length > MAX_KEPT ? { text: '', before: undefined, length } : { text, before, length }
}

/** The whole; undefined: it was too long to be kept. */
export function saidText(said: Said | undefined): string | undefined {
  if (said !== undefined && said.length > MAX_KEPT) return undefined
  const pieces: string[] = []
  for (let at = said; at !== undefined; at = at.before) pieces.push(at.text)
  return pieces.reverse().join('')
}
