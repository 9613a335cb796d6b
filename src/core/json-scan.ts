import { codeAt } from './code-at.ts'

/** A value in a JSON text, by its offsets: `text.slice(start, end)`. */
export interface Span {
  readonly start: number
  readonly end: number
  /** Objects and arrays inside each other: 0 for a string or a number, 1 for `[]`. */
  readonly depth: number
  /** Members of all objects inside, as they are written: of two with one name both. */
  readonly members: number
}

/** A member of an object in a JSON text. `key` is decoded, its span includes the quotes. */
export interface Field extends Span {
  readonly key: string
  readonly keyStart: number
  readonly keyEnd: number
}

/** A change of an object's members. `value` is JSON text; `set` replaces every member of that name, or adds one at the end. */
export type Edit =
  | { readonly op: 'set'; readonly key: string; readonly value: string }
  | { readonly op: 'remove'; readonly key: string }
  | { readonly op: 'rename'; readonly key: string; readonly to: string }

/** Text to stand in the place of a span. */
export interface Replacement {
  readonly start: number
  readonly end: number
  readonly text: string
}

interface Cursor {
  readonly text: string
  at: number
}

const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_ARRAY = 91
const BACKSLASH = 92
const CLOSE_ARRAY = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

/**
 * The members of the object that begins at `start` (white space before it is skipped), in their order, duplicates included. Values are
 * not parsed: strings are jumped over natively, so the cost is linear and small however long they are. The text must be JSON: SyntaxError otherwise.
 */
export function scanObject(text: string, start = 0): readonly Field[] {
  const cursor = { text, at: start }
  const fields: Field[] = []
  skipSpace(cursor)
  take(cursor, OPEN_OBJECT)
  if (!more(cursor, CLOSE_OBJECT)) return fields
  do fields.push(readField(cursor))
  while (next(cursor, CLOSE_OBJECT))
  return fields
}

/** The elements of the array that begins at `start`. As `scanObject`. */
export function scanArray(text: string, start = 0): readonly Span[] {
  const cursor = { text, at: start }
  const elements: Span[] = []
  skipSpace(cursor)
  take(cursor, OPEN_ARRAY)
  if (!more(cursor, CLOSE_ARRAY)) return elements
  do elements.push(readValue(cursor))
  while (next(cursor, CLOSE_ARRAY))
  return elements
}

/** Where a name stands a second time in one object, at any depth: a path like `tools[1].name`. Quadratic in the depth: for a text that has such a name. */
export function findTwice(text: string, start = 0): string | undefined {
  const opening = codeAt(text, start)
  if (opening === OPEN_ARRAY) return findInside(text, scanArray(text, start), (_, index) => `[${index}]`)
  if (opening !== OPEN_OBJECT) return undefined
  const fields = scanObject(text, start)
  const seen = new Set<string>()
  for (const { key } of fields) {
    if (seen.has(key)) return key
    seen.add(key)
  }
  return findInside(text, fields, ({ key }) => key)
}

function findInside<Inner extends Span>(
  text: string,
  inner: readonly Inner[],
  nameOf: (span: Inner, index: number) => string,
): string | undefined {
  for (const [index, span] of inner.entries()) {
    const found = findTwice(text, span.start)
    if (found !== undefined) return `${nameOf(span, index)}${found.startsWith('[') ? '' : '.'}${found}`
  }
  return undefined
}

/** The member that `JSON.parse` would give: the last one of that name. */
export function fieldOf(fields: readonly Field[], key: string): Field | undefined {
  return fields.findLast((field) => field.key === key)
}

/**
 * Changes members of the object that `text` is. All that no edit names stays byte for byte: spacing, escapes, numbers that no double can
 * hold. For a nested object, edit its own span and set the result. Of two edits of one key the later one counts.
 */
export function editJson(text: string, edits: readonly Edit[]): string {
  const byKey = new Map(edits.map((edit) => [edit.key, edit]))
  const fields = scanObject(text)
  const out = new Pieces(text)
  const first = fields[0]
  const opened = first?.keyStart ?? text.indexOf('{') + 1
  out.copy(0, opened)
  let members = 0
  for (const [index, field] of fields.entries()) {
    const edit = byKey.get(field.key)
    if (edit?.op === 'remove') continue
    if (members++ > 0) out.copy(fields[index - 1]?.end ?? opened, field.keyStart)
    writeMember(out, field, edit)
  }
  for (const edit of byKey.values()) {
    if (edit.op !== 'set' || fields.some((field) => field.key === edit.key)) continue
    out.write(`${members++ > 0 ? ',' : ''}${JSON.stringify(edit.key)}:${edit.value}`)
  }
  out.copy(fields.at(-1)?.end ?? opened, text.length)
  return out.end()
}

/** Puts each replacement's text in the place of its span. They are in order and do not overlap. */
export function splice(text: string, replacements: readonly Replacement[]): string {
  const out = new Pieces(text)
  let copied = 0
  for (const { start, end, text: instead } of replacements) {
    out.copy(copied, start)
    out.write(instead)
    copied = end
  }
  out.copy(copied, text.length)
  return out.end()
}

function writeMember(out: Pieces, field: Field, edit: Edit | undefined): void {
  if (edit?.op === 'rename') {
    out.write(JSON.stringify(edit.to))
    out.copy(field.keyEnd, field.end)
  } else if (edit?.op === 'set') {
    out.copy(field.keyStart, field.start)
    out.write(edit.value)
  } else {
    out.copy(field.keyStart, field.end)
  }
}

/** Ranges of one source that follow each other are one slice: an edit at the front does not cut a long text into many. */
class Pieces {
  readonly #source: string
  #done = ''
  #from = 0
  #to = 0

  constructor(source: string) {
    this.#source = source
  }

  copy(start: number, end: number): void {
    if (start !== this.#to) {
      this.#flush()
      this.#from = start
    }
    this.#to = end
  }

  write(text: string): void {
    const at = this.#to
    this.#flush()
    this.#from = at
    this.#done += text
  }

  end(): string {
    this.#flush()
    return this.#done
  }

  #flush(): void {
    if (this.#to > this.#from) this.#done += this.#source.slice(this.#from, this.#to)
    this.#from = this.#to
  }
}

function readField(cursor: Cursor): Field {
  const keyStart = cursor.at
  const keyEnd = stringEnd(cursor.text, keyStart)
  cursor.at = keyEnd
  skipSpace(cursor)
  take(cursor, COLON)
  skipSpace(cursor)
  const { start, end, depth, members } = readValue(cursor)
  return { key: decodeKey(cursor.text, keyStart, keyEnd), keyStart, keyEnd, start, end, depth, members }
}

function readValue(cursor: Cursor): Span {
  const start = cursor.at
  const code = codeAt(cursor.text, start)
  if (code === QUOTE) cursor.at = stringEnd(cursor.text, start)
  else if (code === OPEN_OBJECT || code === OPEN_ARRAY) return skipContainer(cursor)
  else skipScalar(cursor)
  return { start, end: cursor.at, depth: 0, members: 0 }
}

function skipContainer(cursor: Cursor): Span {
  const { text, at: start } = cursor
  let level = 0
  let depth = 0
  let members = 0
  let at = start
  do {
    const code = codeAt(text, at)
    if (code === QUOTE) {
      at = stringEnd(text, at)
      continue
    }
    if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth = Math.max(depth, ++level)
    else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) level--
    else if (code === COLON) members++
    else if (at >= text.length) throw unexpected(at)
    at++
  } while (level > 0)
  cursor.at = at
  return { start, end: at, depth, members }
}

function skipScalar(cursor: Cursor): void {
  const { text, at: start } = cursor
  let at = start
  while (at < text.length && !endsScalar(codeAt(text, at))) at++
  if (at === start) throw unexpected(at)
  cursor.at = at
}

function endsScalar(code: number): boolean {
  return code === COMMA || code === CLOSE_OBJECT || code === CLOSE_ARRAY || isSpace(code)
}

/** The offset behind the string that opens at `open`. */
export function stringEnd(text: string, open: number): number {
  if (codeAt(text, open) !== QUOTE) throw unexpected(open)
  for (let close = text.indexOf('"', open + 1); close !== -1; close = text.indexOf('"', close + 1)) {
    let slash = close - 1
    while (codeAt(text, slash) === BACKSLASH) slash--
    if ((close - slash) % 2 === 1) return close + 1
  }
  throw unexpected(text.length)
}

function decodeKey(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1)
  return raw.includes('\\') ? String(JSON.parse(text.slice(start, end))) : raw
}

/** After an opening bracket: false when it closes at once. */
function more(cursor: Cursor, close: number): boolean {
  skipSpace(cursor)
  return codeAt(cursor.text, cursor.at) !== close
}

/** After a value: true when another one follows. */
function next(cursor: Cursor, close: number): boolean {
  skipSpace(cursor)
  if (codeAt(cursor.text, cursor.at) === close) return false
  take(cursor, COMMA)
  skipSpace(cursor)
  return true
}

function take(cursor: Cursor, code: number): void {
  if (codeAt(cursor.text, cursor.at) !== code) throw unexpected(cursor.at)
  cursor.at++
}

function skipSpace(cursor: Cursor): void {
  while (isSpace(codeAt(cursor.text, cursor.at))) cursor.at++
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9
}

function unexpected(offset: number): SyntaxError {
  return new SyntaxError(`not JSON at offset ${offset}`)
}
