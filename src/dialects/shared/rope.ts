/** Text that grows at its end without being copied: an older one stays as it was. */
export type Rope = { readonly text: string; readonly before: Rope } | undefined

export function grow(before: Rope, text: string): Rope {
  return { text, before }
}

/** All of it, put together once. */
export function ropeText(rope: Rope): string {
  const pieces: string[] = []
  for (let at = rope; at !== undefined; at = at.before) pieces.push(at.text)
  return pieces.toReversed().join('')
}
