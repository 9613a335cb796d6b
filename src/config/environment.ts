/** Where `${NAME}` and `${file:/path}` come from. undefined: it is not there. */
export interface Environment {
  env(name: string): string | undefined
  /** The text of a file; a runtime without files leaves it out. */
  readFile?(path: string): string | undefined
}

/** What one string became. */
export interface Replaced {
  readonly text: string
  /** What was put in, to keep it out of messages: `${NAME}` and its value. */
  readonly used: readonly { readonly reference: string; readonly value: string }[]
  readonly missing: readonly { readonly message: string; readonly mend: string }[]
  readonly malformed?: string
}

/**
 * Replaces `${NAME}`, `${NAME:-default}` and `${file:/path}` in one string; `$${` is a literal `${`. What is put in is not
 * looked at again. A missing one becomes nothing and is reported.
 */
export function replaceReferences(text: string, environment: Environment): Replaced {
  const used: { reference: string; value: string }[] = []
  const missing: { message: string; mend: string }[] = []
  let out = ''
  let at = 0
  while (at < text.length) {
    const start = text.indexOf('${', at)
    if (start === -1) break
    if (start > at && text[start - 1] === '$') {
      out += `${text.slice(at, start - 1)}\${`
      at = start + 2
      continue
    }
    const end = text.indexOf('}', start)
    const inner = end === -1 ? undefined : text.slice(start + 2, end)
    const found = inner === undefined ? 'malformed' : lookUp(inner, environment)
    if (found === 'malformed') return { text, used, missing, malformed: MALFORMED }
    if (found.missing !== undefined) missing.push(found.missing)
    if (found.secret) used.push({ reference: text.slice(start, end + 1), value: found.value })
    out += text.slice(at, start) + found.value
    at = end + 1
  }
  return { text: out + text.slice(at), used, missing }
}

const MALFORMED = 'a reference is `${NAME}`, `${NAME:-default}` or `${file:/path}`'

interface Found {
  readonly value: string
  /** It came from outside the file. */
  readonly secret: boolean
  readonly missing?: { readonly message: string; readonly mend: string }
}

function lookUp(inner: string, environment: Environment): Found | 'malformed' {
  if (inner.startsWith('file:')) return fromFile(inner.slice('file:'.length), environment)
  const split = inner.indexOf(':-')
  const name = split === -1 ? inner : inner.slice(0, split)
  const fallback = split === -1 ? undefined : inner.slice(split + 2)
  if (!isName(name) || fallback?.includes('${') === true) return 'malformed'
  const value = environment.env(name)
  if (fallback !== undefined) {
    return value === undefined || value === '' ? { value: fallback, secret: false } : { value, secret: true }
  }
  if (value !== undefined) return { value, secret: true }
  const mend = `set \`${name}\`, or write \`\${${name}:-default}\``
  return { value: '', secret: false, missing: { message: `the environment variable \`${name}\` is not set`, mend } }
}

function fromFile(path: string, environment: Environment): Found | 'malformed' {
  if (path === '') return 'malformed'
  const text = environment.readFile?.(path)
  if (text !== undefined) return { value: withoutLastNewlines(text), secret: true }
  const mend = 'create the file and let the gateway read it'
  return { value: '', secret: false, missing: { message: `the file \`${path}\` cannot be read`, mend } }
}

function withoutLastNewlines(text: string): string {
  let end = text.length
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--
  return text.slice(0, end)
}

function isName(name: string): boolean {
  if (name === '' || (name >= '0' && name < ':')) return false
  for (const char of name) {
    const word = (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || (char >= '0' && char <= '9')
    if (!word && char !== '_') return false
  }
  return true
}
