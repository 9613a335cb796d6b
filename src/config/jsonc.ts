/**
 * JSONC with its comments turned into spaces, so that every offset stays where it was. YAML reads the rest,
 * commas before a closing bracket included.
 */
export function blankComments(text: string): string {
  const parts: string[] = []
  let kept = 0
  let at = 0
  while (at < text.length) {
    const char = text[at]
    if (char === '"') at = stringEnd(text, at)
    else if (char === '/' && (text[at + 1] === '/' || text[at + 1] === '*')) {
      const end = commentEnd(text, at)
      parts.push(text.slice(kept, at), blank(text.slice(at, end)))
      at = end
      kept = end
    } else at++
  }
  return parts.join('') + text.slice(kept)
}

function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function commentEnd(text: string, start: number): number {
  const line = text[start + 1] === '/'
  const found = text.indexOf(line ? '\n' : '*/', start + 2)
  if (found === -1) return text.length
  return line ? found : found + 2
}

function blank(comment: string): string {
  return comment
    .split('\n')
    .map((line) => ' '.repeat(line.length))
    .join('\n')
}
