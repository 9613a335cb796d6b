const LONGEST_WORD = 8

/** Cuts a text into what a model would send piece by piece: words with the space behind them, long ones in parts; never inside a character. */
export function splitText(text: string): string[] {
  const pieces: string[] = []
  let piece = ''
  let size = 0
  let inSpace = false
  for (const character of text) {
    const space = character === ' ' || character === '\n'
    if (piece !== '' && ((inSpace && !space) || size >= LONGEST_WORD)) {
      pieces.push(piece)
      piece = ''
      size = 0
    }
    piece += character
    size++
    inSpace = space
  }
  if (piece !== '') pieces.push(piece)
  return pieces
}

/** Cuts a text into so many pieces of about the same length, fewer when it is shorter; never inside a character. */
export function cutInto(text: string, count: number): string[] {
  const characters = [...text]
  const size = Math.max(1, Math.ceil(characters.length / count))
  const pieces: string[] = []
  for (let from = 0; from < characters.length; from += size) pieces.push(characters.slice(from, from + size).join(''))
  return pieces
}

const encoder = new TextEncoder()

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

/** Tokens of an input, as four bytes each. */
export function countTokens(text: string): number {
  return Math.max(1, Math.ceil(utf8(text).length / 4))
}
