import type { Json, JsonObject } from '#src/core/json.ts'
import { arrayAt, isObject, parseJson, stringAt } from '#src/core/json.ts'
import { isForm, readForm, textOf } from '#src/core/multipart.ts'
import type { RequestRecord } from './script.ts'

const CREDENTIALS = new Set([
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'x-amz-security-token',
  'cookie',
])
const SECRET_PARAMETERS = ['key', 'api_key', 'api-key']

/** A request as it came, as a record without its credentials. */
export function recordRequest(request: {
  readonly method: string
  readonly url: string
  readonly headers: Iterable<readonly [string, string]>
  readonly bytes: Uint8Array
}): RequestRecord {
  const headers: Record<string, string> = {}
  for (const [name, value] of request.headers) {
    const lower = name.toLowerCase()
    if (!CREDENTIALS.has(lower)) headers[lower] = value
  }
  const body = readBody(request.bytes, headers['content-type'] ?? '')
  return { method: request.method, url: withoutSecrets(request.url), headers, body }
}

function readBody(bytes: Uint8Array, type: string): Json | undefined {
  return isForm(type) ? formFields(bytes, type) : parseJson(new TextDecoder().decode(bytes))
}

/** The fields of a form as texts; of a file what it is called and how long it is. A name that is there several times is a list. */
function formFields(bytes: Uint8Array, type: string): JsonObject | undefined {
  const fields: Record<string, Json> = {}
  try {
    const form = readForm(bytes, type)
    for (const part of form.parts) {
      const { name, filename, contentType } = part
      const file = { filename: filename ?? '', bytes: part.end - part.start, ...(contentType && { contentType }) }
      const value: Json = filename === undefined ? textOf(form, part) : file
      const before = fields[name]
      fields[name] = before === undefined ? value : [...listOf(before), value]
    }
    return fields
  } catch {
    // What is no form is for the answer to refuse.
    return undefined
  }
}

function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) return url
  const parsed = new URL(url)
  const secret = SECRET_PARAMETERS.filter((name) => parsed.searchParams.has(name))
  if (secret.length === 0) return url
  for (const name of secret) parsed.searchParams.delete(name)
  return parsed.href
}

export function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url
}

/** What stands in a path between two texts, of which the second may be '': an id that may hold slashes. */
export function between(path: string, before: string, after: string): string | undefined {
  const at = path.lastIndexOf(before)
  const start = at + before.length
  if (at < 0 || !path.endsWith(after) || path.length - after.length <= start) return undefined
  const id = path.slice(start, path.length - after.length)
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}

/** True for a switch that is on: in a form it is text. */
export function isOn(value: Json | undefined): boolean {
  return value === true || value === 'true'
}

export function bodyOf(request: RequestRecord): JsonObject {
  return isObject(request.body) ? request.body : {}
}

/** What the caller said last: the last user message, else the prompt, the query, or the input of embeddings. */
export function lastText(body: JsonObject): string {
  const turns = arrayAt(body, 'messages') ?? arrayAt(body, 'contents') ?? arrayAt(body, 'input') ?? []
  const turn = turns.findLast((each) => isObject(each) && isUser(each))
  if (isObject(turn)) return flatten(turn['content'] ?? turn['parts'])
  const written = ['prompt', 'input', 'query', 'content', 'requests'].find((name) => body[name] !== undefined)
  return written === undefined ? '' : flatten(body[written])
}

/** A turn of the user's own: Gemini's may have no role, and some dialects put the results of tools under the same one. */
function isUser(turn: JsonObject): boolean {
  if (turn['role'] !== 'user' && (turn['role'] !== undefined || turn['parts'] === undefined)) return false
  const parts = arrayAt(turn, 'content') ?? arrayAt(turn, 'parts') ?? []
  return parts.length === 0 || !parts.every(isToolResult)
}

/** What a tool gave: Anthropic's, Bedrock's or Gemini's. */
export function isToolResult(part: Json): boolean {
  return (
    isObject(part) &&
    (part['type'] === 'tool_result' ||
      ['toolResult', 'functionResponse', 'function_response'].some((name) => part[name] !== undefined))
  )
}

function flatten(value: Json | undefined): string {
  if (typeof value === 'string') return value
  if (isObject(value)) {
    if (isToolResult(value)) return ''
    return stringAt(value, 'text') ?? flatten(value['parts'] ?? value['content'])
  }
  return (arrayAt({ value }, 'value') ?? []).map(flatten).join('\n')
}

function listOf(value: Json): readonly Json[] {
  return arrayAt({ value }, 'value') ?? [value]
}
