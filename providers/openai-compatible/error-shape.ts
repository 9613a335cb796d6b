import { isObject, parseJson, type Json, type JsonObject } from '#src/core/json.ts'

/** An upstream's error, whatever its form: members that were not there are undefined. */
export interface ErrorShape {
  readonly message?: string
  readonly type?: string
  readonly param?: string
  /** As text: vendors write numbers too. */
  readonly code?: string
  /** A status that the body itself names. */
  readonly status?: number
  /** Members beside these: `innererror`, `failed_generation`, `metadata`. */
  readonly more: JsonObject
}

/** Bytes of plain text that may stand in a message. */
const MAX_TEXT = 400
/** An error wrapped deeper than this is none that anybody writes. */
const MAX_LEVELS = 4
const CORE = new Set(['message', 'type', 'param', 'code'])

/** Reads the body of a refusal: JSON in any of the vendors' forms, a page, plain text, nothing at all. */
export function readErrorBody(body: string): ErrorShape {
  const text = body.trim()
  if (text === '') return { more: {} }
  const value = parseJson(text)
  if (value !== undefined) return readErrorValue(value)
  return text.startsWith('<') ? { more: {} } : { message: text.slice(0, MAX_TEXT), more: {} }
}

/** Reads an error as a JSON value: wrapped, flat, a string, a list. */
export function readErrorValue(value: Json, levels = MAX_LEVELS): ErrorShape {
  if (typeof value === 'string') return value.trim() === '' ? { more: {} } : { message: value, more: {} }
  if (levels === 0) return { more: {} }
  if (Array.isArray(value)) return value.length === 0 ? { more: {} } : readErrorValue(value[0], levels - 1)
  if (!isObject(value)) return { more: {} }
  const error = value['error']
  if (isObject(error)) return readObject(error, value, rest(error))
  if (typeof error === 'string' && error !== '') return readObject({ ...value, message: error }, value, {})
  const errors = value['errors']
  if (Array.isArray(errors) && errors.length > 0) return readErrorValue(errors[0], levels - 1)
  const status = value['status']
  if (isObject(status)) return readObject(status, value, {})
  return readObject(value, value, {})
}

/** True where a 200's JSON object is an error and no answer. */
export function looksLikeError(value: JsonObject): boolean {
  const error = value['error']
  if ((typeof error === 'string' && error !== '') || (isObject(error) && Object.keys(error).length > 0)) return true
  if ('choices' in value || 'data' in value || 'embeddings' in value || 'usage' in value) return false
  if (value['object'] === 'error' || value['success'] === false) return true
  return (
    messageOf(value) !== undefined && (value['code'] !== undefined || value['type'] === 'error' || 'detail' in value)
  )
}

function readObject(error: JsonObject, whole: JsonObject, more: JsonObject): ErrorShape {
  const message = messageOf(error)
  const code = textOf(error['code']) ?? textOf(whole['code'])
  const type = wordOf(error['type']) ?? wordOf(error['status'])
  const param = wordOf(error['param']) ?? fieldOfDetail(error['detail'])
  const status = statusOf(error) ?? statusOf(whole)
  return {
    ...(message === undefined ? {} : { message }),
    ...(type === undefined ? {} : { type }),
    ...(param === undefined ? {} : { param }),
    ...(code === undefined ? {} : { code }),
    ...(status === undefined ? {} : { status }),
    more,
  }
}

function messageOf(error: JsonObject, levels = MAX_LEVELS): string | undefined {
  const message = error['message'] ?? error['msg'] ?? error['detail']
  if (typeof message === 'string') return message.trim() === '' ? undefined : message
  if (levels === 0) return undefined
  // FastAPI lists what is wrong where.
  if (Array.isArray(message))
    return message.map((detail: Json) => detailText(detail, levels - 1)).join('; ') || undefined
  return isObject(message) ? detailText(message, levels - 1) || undefined : undefined
}

function detailText(detail: Json, levels: number): string {
  const message = isObject(detail) ? messageOf(detail, levels) : undefined
  if (message !== undefined) return message
  return typeof detail === 'string' ? detail : stringify(detail).slice(0, MAX_TEXT)
}

function stringify(value: Json): string {
  try {
    return JSON.stringify(value)
  } catch {
    // Nested deeper than the engine's stack.
    return ''
  }
}

function fieldOfDetail(detail: Json | undefined): string | undefined {
  const first: Json | undefined = Array.isArray(detail) ? detail[0] : undefined
  const place = isObject(first) ? first['loc'] : undefined
  if (!Array.isArray(place)) return undefined
  return place.filter((part) => part !== 'body').join('.')
}

/** A status that the error itself names: OpenRouter's `code`, Groq's `status_code`, Mistral's `raw_status_code`. */
function statusOf(error: JsonObject): number | undefined {
  for (const name of ['status_code', 'raw_status_code', 'status', 'code']) {
    const value = error[name]
    const status = typeof value === 'string' && value.length === 3 ? Number(value) : value
    if (typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599) return status
  }
  return undefined
}

function rest(error: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(error).filter(([key]) => !CORE.has(key)))
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'number' ? String(value) : wordOf(value)
}

function wordOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
