const LINE_FEED = 0x0a

/** The lines of a file's bytes, without their ends. By line feeds only: other ends of lines may stand in JSON's strings. */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = []
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      yield whole(pieces, chunk.subarray(from, end))
      pieces = []
      from = end + 1
    }
    if (from < chunk.length) pieces.push(chunk.subarray(from))
  }
  if (pieces.length > 0) yield whole(pieces)
}

function whole(pieces: readonly Uint8Array[], last: Uint8Array = new Uint8Array()): Uint8Array {
  if (pieces.length === 0) return last
  const all = [...pieces, last]
  const bytes = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of all) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
