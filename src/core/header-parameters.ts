/** A header's value with parameters, taken apart: `form-data; name="file"`. */
export interface Parameters {
  /** Lower case. */
  readonly value: string
  /** By their names in lower case. */
  readonly parameters: ReadonlyMap<string, string>
}

/**
 * Reads such a value strictly: what two readers could take for different things is read as neither, so undefined. That is a parameter that
 * is there twice, and a backslash before a quote: for some it is an escape, for others the end of the text.
 */
export function readParameters(text: string): Parameters | undefined {
  const at = text.indexOf(';')
  const value = strip(at < 0 ? text : text.slice(0, at)).toLowerCase()
  const parameters = new Map<string, string>()
  let rest = at < 0 ? '' : text.slice(at)
  while (rest !== '') {
    const one = readParameter(rest)
    if (one === undefined || parameters.has(one.name)) return undefined
    if (one.name !== '') parameters.set(one.name, one.value)
    rest = one.rest
  }
  return { value, parameters }
}

interface Parameter {
  /** '' for a semicolon with nothing behind it. */
  readonly name: string
  readonly value: string
  readonly rest: string
}

/** The parameter behind the semicolon that `text` begins with. */
function readParameter(text: string): Parameter | undefined {
  const body = strip(text.slice(1))
  if (body === '' || body.startsWith(';')) return { name: '', value: '', rest: body }
  const equals = body.indexOf('=')
  const name = body.slice(0, Math.max(0, equals)).toLowerCase()
  if (!isToken(name)) return undefined
  const from = body.slice(equals + 1)
  if (from.startsWith('"')) return readQuoted(name, from)
  const end = from.indexOf(';')
  const value = strip(end < 0 ? from : from.slice(0, end))
  return isToken(value) ? { name, value, rest: end < 0 ? '' : from.slice(end) } : undefined
}

function readQuoted(name: string, text: string): Parameter | undefined {
  const end = text.indexOf('"', 1)
  if (end < 0 || text[end - 1] === '\\') return undefined
  const rest = strip(text.slice(end + 1))
  return rest === '' || rest.startsWith(';') ? { name, value: text.slice(1, end), rest } : undefined
}

/** Without the spaces and tabs around it: other white space is none in a header. */
function strip(text: string): string {
  let [start, end] = [0, text.length]
  while (isSpace(text[start])) start++
  while (end > start && isSpace(text[end - 1])) end--
  return text.slice(start, end)
}

function isSpace(char: string | undefined): boolean {
  return char === ' ' || char === '\t'
}

const SEPARATORS = '()<>@,;:\\"/[]?={} '

/** A word as headers write it unquoted (RFC 9110, token); not ''. */
export function isToken(text: string): boolean {
  if (text === '') return false
  for (const char of text) if (char <= ' ' || char > '~' || SEPARATORS.includes(char)) return false
  return true
}
