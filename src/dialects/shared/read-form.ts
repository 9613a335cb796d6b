import type { FormBody, ReadContext } from '#src/core/dialect.ts'
import type { Json, JsonObject } from '#src/core/json.ts'
import { readForm, textOf, type Form, type FormPart } from '#src/core/multipart.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { checkFields, invalid, readModel, type Check, type Shape } from './read-request.ts'

/** Bytes of all fields that are no files: a prompt has use for some ten thousand. */
const MAX_TEXT = 1024 * 1024

/**
 * A form as a request: texts are fields as they are, of files `body` holds what is known about them. Throws FailureError 400 with `param`, also
 * for a field that is there twice and that tutti reads: upstreams differ in which of the two counts.
 */
export function readFormRequest({ bytes, contentType }: FormBody, context: ReadContext, shape: Shape): ApiRequest {
  const form = readForm(bytes, contentType)
  checkSize(form)
  const body = bodyOf(
    form,
    new Set(['model', 'stream', ...[...shape.required, ...shape.optional].map(([name]) => name)]),
  )
  const model = readModel(body)
  checkFields(body, shape)
  return {
    id: context.id,
    endpoint: shape.endpoint,
    text: '',
    form,
    body,
    model,
    stream: flag(body, 'stream'),
    wantsUsage: true,
    tags: context.tags,
    metadata: context.metadata,
    ...(context.timeoutMs !== undefined && { timeoutMs: context.timeoutMs }),
  }
}

/** A switch, as forms write it. */
export const switchText: Check = (value) => (WORDS.has(value) ? undefined : '`true` or `false`')

const WORDS: ReadonlyMap<Json, boolean> = new Map<Json, boolean>([
  ['true', true],
  ['True', true],
  ['1', true],
  ['false', false],
  ['False', false],
  ['0', false],
  [true, true],
  [false, false],
])

function flag(body: JsonObject, name: string): boolean {
  return WORDS.get(body[name] ?? false) ?? false
}

/** A whole number of at least 1: as it is, or as forms write it. */
export const countText: Check = (value) => {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 1 ? undefined : 'an integer of at least 1'
}

/** A file, or what `body` says of one. */
export const file: Check = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'a file'

function checkSize({ parts }: Form): void {
  const size = parts.reduce((sum, { filename, start, end }) => sum + (filename === undefined ? end - start : 0), 0)
  if (size > MAX_TEXT) throw invalid(`the fields of the form hold more than ${MAX_TEXT} bytes of text`, null)
}

function bodyOf(form: Form, known: ReadonlySet<string>): JsonObject {
  const fields = new Map<string, Json>()
  for (const part of form.parts) {
    const { name } = part
    const [before, value] = [fields.get(name), valueOf(form, part)]
    if (before !== undefined && known.has(name)) throw invalid(`\`${name}\` is there more than once`, name)
    fields.set(name, before === undefined ? value : [...(isList(before) ? before : [before]), value])
  }
  return Object.fromEntries(fields)
}

function valueOf(form: Form, part: FormPart): Json {
  const { filename, contentType, start, end } = part
  if (filename === undefined) return textOf(form, part)
  return { filename, bytes: end - start, ...(contentType !== undefined && { content_type: contentType }) }
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
