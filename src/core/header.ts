const encoder = new TextEncoder()

/** Text as a header's value may hold it: what is not printable ASCII is percent-encoded by its UTF-8 bytes. */
export function headerText(text: string): string {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 32 || code > 126) return encoded(text)
  }
  return text
}

function encoded(text: string): string {
  let safe = ''
  for (const byte of encoder.encode(text)) {
    safe += byte < 32 || byte > 126 ? `%${byte.toString(16).toUpperCase().padStart(2, '0')}` : String.fromCharCode(byte)
  }
  return safe
}
