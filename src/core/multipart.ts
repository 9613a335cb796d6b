import { failure, FailureError } from './failure.ts'
import { findBytes } from './find-bytes.ts'
import { isLineEnd, malformed, readPart, type FormPart } from './form-part.ts'
import { isToken, readParameters } from './header-parameters.ts'

export type { FormPart } from './form-part.ts'

/**
 * A `multipart/form-data` body (RFC 7578) as it came, and where its parts stand. It is kept whole: rules judge a `model`, and clients write
 * that behind the file as often as before it.
 */
export interface Form {
  readonly bytes: Uint8Array
  readonly boundary: string
  readonly parts: readonly FormPart[]
}

/** Bytes to stand in the place of others. */
export interface FormEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** An image edit takes sixteen images; nobody writes more fields than this. */
const MAX_PARTS = 64
/** RFC 2046. */
const MAX_BOUNDARY = 70
const DASH = 45

const encoder = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** True for the content type of a form with files. */
export function isForm(contentType: string): boolean {
  const end = contentType.indexOf(';')
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase() === 'multipart/form-data'
}

/**
 * Finds the fields of a form. Linear in its bytes. Throws FailureError 400 for what is no form, and for what upstreams could read otherwise
 * than this does (law 1): the boundary anywhere but at a delimiter, a name in any but the plainest spelling, an encoded part.
 */
export function readForm(bytes: Uint8Array, contentType: string): Form {
  const boundary = boundaryOf(contentType)
  const delimiter = encoder.encode(`--${boundary}`)
  const places = findBytes(bytes, delimiter, MAX_PARTS + 2)
  if (places.length > MAX_PARTS + 1) throw malformed(`it has more than ${MAX_PARTS} parts`)
  const last = places.at(-1)
  if (last === undefined || !isFirst(bytes, places[0] ?? 0)) throw malformed('it does not begin with its boundary')
  if (!isClosed(bytes, last + delimiter.length)) throw malformed('its closing boundary is missing, or is not the end')
  const parts = places.slice(0, -1).map((from, index) => {
    const to = places[index + 1] ?? last
    return readPart(bytes, { from, head: from + delimiter.length, to })
  })
  return { bytes, boundary, parts }
}

/** The form's content type, with its boundary written in one way only. */
export function contentTypeOf({ boundary }: Form): string {
  return `multipart/form-data; boundary=${isToken(boundary) ? boundary : `"${boundary}"`}`
}

/** A field's value as text. Throws FailureError 400 where it is not UTF-8. */
export function textOf({ bytes }: Form, { name, start, end }: FormPart): string {
  try {
    return strictUtf8.decode(bytes.subarray(start, end))
  } catch {
    throw new FailureError(failure('invalid_request_error', `\`${name}\` is not UTF-8`, { param: name }))
  }
}

/** The form's bytes with others in some places, which do not overlap; all else stays byte for byte. */
export function editForm({ bytes }: Form, edits: readonly FormEdit[]): Uint8Array<ArrayBuffer> {
  const ordered = edits
    .map(({ start, end, text }) => ({ start, end, text: encoder.encode(text) }))
    .toSorted((a, b) => a.start - b.start)
  const size = ordered.reduce((sum, { start, end, text }) => sum + text.length - (end - start), bytes.length)
  const out = new Uint8Array(size)
  let [read, written] = [0, 0]
  const copy = (piece: Uint8Array): void => {
    out.set(piece, written)
    written += piece.length
  }
  for (const { start, end, text } of ordered) {
    copy(bytes.subarray(read, start))
    copy(text)
    read = end
  }
  copy(bytes.subarray(read))
  return out
}

function boundaryOf(contentType: string): string {
  const boundary = readParameters(contentType)?.parameters.get('boundary') ?? ''
  if (boundary === '') throw malformed('its content type has no `boundary`, or several')
  const fits = boundary.length <= MAX_BOUNDARY && !boundary.endsWith(' ') && [...boundary].every(isBoundaryChar)
  if (!fits) throw malformed('its `boundary` is not one that RFC 2046 allows')
  return boundary
}

function isBoundaryChar(char: string): boolean {
  return (
    (char >= '0' && char <= '9') ||
    (char >= 'a' && char <= 'z') ||
    (char >= 'A' && char <= 'Z') ||
    "'()+_,-./:=? ".includes(char)
  )
}

/** Nothing but an empty line stands before it. */
function isFirst(bytes: Uint8Array, at: number): boolean {
  return at === 0 || (at === 2 && isLineEnd(bytes, 0))
}

/** The closing delimiter's two dashes, and nothing but a line end behind them. */
function isClosed(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== DASH || bytes[at + 1] !== DASH) return false
  return bytes.length === at + 2 || (bytes.length === at + 4 && isLineEnd(bytes, at + 2))
}
