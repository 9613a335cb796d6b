import { failure, FailureError } from './failure.ts'
import { findBytes } from './find-bytes.ts'
import { isToken, readParameters } from './header-parameters.ts'

/** One field of a form, by its places in the bytes. */
export interface FormPart {
  readonly name: string
  /** What makes it a file. */
  readonly filename?: string
  readonly contentType?: string
  /** Its value. */
  readonly start: number
  readonly end: number
  /** From its own delimiter to the next one: without these bytes the field was never there. */
  readonly from: number
  readonly to: number
  /** The number of a `content-length` header of its own. */
  readonly length?: { readonly start: number; readonly end: number }
}

/** Where a part is to be read. */
export interface Place {
  readonly from: number
  /** Behind the delimiter. */
  readonly head: number
  readonly to: number
}

/** Bytes of one part's headers. */
const MAX_HEADER = 8192
const LF = 10
const CR = 13
const SPACE = 32
const COLON = 58
const BLANK = new TextEncoder().encode('\r\n\r\n')
/** Names of files are for people: what is not UTF-8 in them matters to nobody here. */
const utf8 = new TextDecoder()

/** A 400 for what is no form. */
export function malformed(why: string): FailureError {
  return new FailureError(failure('invalid_request_error', `the form cannot be read: ${why}`, { param: null }))
}

export function isLineEnd(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === CR && bytes[at + 1] === LF
}

/** Reads what stands between two delimiters. Throws FailureError 400. */
export function readPart(bytes: Uint8Array, { from, head, to }: Place): FormPart {
  if (!isLineEnd(bytes, head) || !isLineEnd(bytes, to - 2)) throw malformed('its boundary stands inside a part')
  const [blank] = findBytes(bytes.subarray(head, Math.min(to, head + MAX_HEADER)), BLANK, 1)
  if (blank === undefined) throw malformed(`the headers of a part have no end within ${MAX_HEADER} bytes`)
  const [start, end] = [head + blank + BLANK.length, to - 2]
  if (start > end) throw malformed('a part has no value')
  const headers = readHeaders(bytes, head + 2, head + blank)
  const disposition = headers.get('content-disposition')
  if (disposition === undefined) throw malformed('a part has no `content-disposition`')
  const encoding = headers.get('content-transfer-encoding')?.text.toLowerCase() ?? 'binary'
  if (!PLAIN.has(encoding)) throw malformed('a part is encoded, and forms carry bytes as they are')
  const contentType = headers.get('content-type')?.text
  const length = headers.get('content-length')
  return {
    ...namesOf(disposition.text),
    ...(contentType !== undefined && { contentType }),
    ...(length && { length: { start: length.start, end: length.end } }),
    start,
    end,
    from,
    to,
  }
}

const PLAIN: ReadonlySet<string> = new Set(['binary', '8bit', '7bit'])

function namesOf(disposition: string): Pick<FormPart, 'name' | 'filename'> {
  const read = readParameters(disposition)
  if (read?.value !== 'form-data') throw malformed('the `content-disposition` of a part is not plain `form-data`')
  const { parameters } = read
  const name = parameters.get('name') ?? ''
  const odd = [...parameters.keys()].some((key) => key.includes('*') && key !== 'filename*')
  if (odd || !isPlainName(name)) throw malformed('the `name` of a part is missing, or not plain ASCII')
  const filename = parameters.get('filename') ?? parameters.get('filename*')
  return { name, ...(filename !== undefined && { filename }) }
}

/** Some decode `%6d` or a backslash in a name, and would see another one. */
function isPlainName(name: string): boolean {
  return name !== '' && [...name].every((char) => char > ' ' && char <= '~' && char !== '%' && char !== '\\')
}

interface Header {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** The lines of a part's head, each name once. */
function readHeaders(bytes: Uint8Array, start: number, end: number): ReadonlyMap<string, Header> {
  const headers = new Map<string, Header>()
  for (let at = start; at < end;) {
    const lf = bytes.subarray(at, end).indexOf(LF)
    const stop = lf < 0 ? end : at + lf - 1
    const { name, ...header } = readHeader(bytes, at, stop)
    if (headers.has(name)) throw malformed(`a part has \`${name}\` more than once`)
    headers.set(name, header)
    at = stop + 2
  }
  return headers
}

function readHeader(bytes: Uint8Array, at: number, stop: number): Header & { readonly name: string } {
  const line = bytes.subarray(at, Math.max(at, stop))
  const colon = line.indexOf(COLON)
  const name = utf8.decode(line.subarray(0, Math.max(0, colon))).toLowerCase()
  if (!isToken(name) || bytes[stop] !== CR || line.includes(CR))
    throw malformed('a line in the head of a part is not `name: value`')
  let start = at + colon + 1
  while (bytes[start] === SPACE) start++
  return { name, text: utf8.decode(bytes.subarray(start, stop)), start, end: stop }
}
