import type { Json, JsonObject } from '#src/core/json.ts'
import { arrayAt, isObject, parseJson, stringAt } from '#src/core/json.ts'
import type { RequestRecord, ScriptEndpoint } from './script.ts'

const CREDENTIALS = new Set([
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'cookie',
])
const SECRET_PARAMETERS = ['key', 'api_key', 'api-key']

/** A request as it came, as a record without its credentials. */
export function recordRequest(request: {
  readonly method: string
  readonly url: string
  readonly headers: Iterable<readonly [string, string]>
  readonly text: string
}): RequestRecord {
  const headers: Record<string, string> = {}
  for (const [name, value] of request.headers) {
    const lower = name.toLowerCase()
    if (!CREDENTIALS.has(lower)) headers[lower] = value
  }
  return { method: request.method, url: withoutSecrets(request.url), headers, body: parseJson(request.text) }
}

function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) return url
  const parsed = new URL(url)
  const secret = SECRET_PARAMETERS.filter((name) => parsed.searchParams.has(name))
  if (secret.length === 0) return url
  for (const name of secret) parsed.searchParams.delete(name)
  return parsed.href
}

/** The operation that a request asks for, by the end of its path, so that any base URL will do. */
export function endpointOf(request: RequestRecord): ScriptEndpoint | undefined {
  const path = pathOf(request.url)
  if (request.method === 'POST') {
    if (path.endsWith('/chat/completions')) return 'chat'
    if (path.endsWith('/completions')) return 'completions'
    return path.endsWith('/embeddings') ? 'embeddings' : undefined
  }
  return request.method === 'GET' && (path.endsWith('/models') || modelOfPath(request) !== undefined)
    ? 'models'
    : undefined
}

/** The id in `GET /models/{id}`, which may hold slashes. */
export function modelOfPath(request: RequestRecord): string | undefined {
  const path = pathOf(request.url)
  const at = path.lastIndexOf('/models/')
  if (at === -1) return undefined
  const id = path.slice(at + '/models/'.length)
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url
}

export function bodyOf(request: RequestRecord): JsonObject {
  return isObject(request.body) ? request.body : {}
}

/** What the caller said last: the last user message, else the prompt, else the input of embeddings. */
export function lastText(body: JsonObject): string {
  const messages = arrayAt(body, 'messages')
  const message = messages?.findLast((each) => stringAt(each, 'role') === 'user')
  if (message !== undefined) return flatten(isObject(message) ? message['content'] : undefined)
  return flatten(body['prompt'] ?? body['input'])
}

function flatten(value: Json | undefined): string {
  if (typeof value === 'string') return value
  if (isObject(value)) return stringAt(value, 'text') ?? ''
  return listOf(value).map(flatten).join('\n')
}

function listOf(value: Json | undefined): readonly Json[] {
  return arrayAt({ value }, 'value') ?? []
}
