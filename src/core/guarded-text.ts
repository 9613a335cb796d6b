import { plainView } from './pii/view.ts'

/** A text as guards read it: width, case, accents and characters without width make no difference, nor does which dash or how much space it is. Linear. */
export function guardedText(text: string): string {
  const { text: plain } = plainView(text)
  const parts: string[] = []
  let start = 0
  for (let at = 0; at < plain.length; at++) {
    const own = unitOf(plain, at)
    if (own === undefined) continue
    parts.push(plain.slice(start, at), own)
    start = at + 1
  }
  return (start === 0 ? plain : parts.join('') + plain.slice(start)).toLowerCase()
}

/** What stands for a unit; undefined: itself. */
function unitOf(text: string, at: number): string | undefined {
  const code = text.charCodeAt(at)
  if (isSpace(code)) return at > 0 && isSpace(text.charCodeAt(at - 1)) ? '' : code === SPACE ? undefined : ' '
  // Letters that their accents are one with; of others the marks have no width and are gone.
  const composed = (code >= 0xc0 && code <= 0x24f) || (code >= 0x1e00 && code <= 0x1eff)
  return composed ? text.charAt(at).normalize('NFD').charAt(0) : undefined
}

const SPACE = 32

function isSpace(code: number): boolean {
  return code === SPACE || (code >= 9 && code <= 13)
}
