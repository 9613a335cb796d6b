/**
 * Where `pattern` stands in `bytes`, at most `limit` places that do not overlap (Knuth, Morris, Pratt: every byte is read once, whatever is in
 * it). `pattern` holds at least one byte.
 */
export function findBytes(bytes: Uint8Array, pattern: Uint8Array, limit: number): readonly number[] {
  const [first = 0] = pattern
  const falls = fallsOf(pattern)
  const found: number[] = []
  let matched = 0
  for (let at = 0; at < bytes.length && found.length < limit; at++) {
    if (matched === 0) {
      // Most of a file is not the pattern: the engine looks for its first byte faster than a loop.
      at = bytes.indexOf(first, at)
      if (at < 0) break
    }
    while (matched > 0 && bytes[at] !== pattern[matched]) matched = falls[matched - 1] ?? 0
    if (bytes[at] === pattern[matched]) matched++
    if (matched < pattern.length) continue
    found.push(at - pattern.length + 1)
    matched = 0
  }
  return found
}

/** For each byte of the pattern: how much of its beginning is known to stand there when the next byte does not fit. */
function fallsOf(pattern: Uint8Array): readonly number[] {
  const falls = [0]
  let length = 0
  for (let at = 1; at < pattern.length; at++) {
    while (length > 0 && pattern[at] !== pattern[length]) length = falls[length - 1] ?? 0
    if (pattern[at] === pattern[length]) length++
    falls.push(length)
  }
  return falls
}
