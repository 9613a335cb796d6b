/** Classes of UTF-16 units. All are false for NaN, which `charCodeAt` gives outside of a text. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

export function isLatin(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
}

export function isAlphanumeric(code: number): boolean {
  return isDigit(code) || isLatin(code)
}

/** Spaces of a view, in which all others have become one of these. */
export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

export function isHangul(code: number): boolean {
  return code >= 0xac00 && code <= 0xd7a3
}

/** ASCII letters in lower case; everything else as it is, so that places stay. */
export function lower(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code
}

/** True for a dash that begins a line of a list: behind a line's end and spaces, and before a space. */
export function isBullet(text: string, dash: number): boolean {
  if (!isSpace(text.charCodeAt(dash + 1))) return false
  let at = dash - 1
  while (at >= dash - MOST_INDENT && text[at] === ' ') at--
  return text[at] === '\n'
}

const MOST_INDENT = 8
