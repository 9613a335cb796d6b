import type { Account, Encode, Encoded } from '#src/core/adapter.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { isObject, objectAt, type Json, type JsonObject } from '#src/core/json.ts'
import { editJson, scanObject, type Edit } from '#src/core/json-scan.ts'
import type { Quirks } from './definition.ts'
import { editMessages } from './encode-messages.ts'
import { editTools } from './encode-tools.ts'
import { isRouting } from './routing.ts'
import { PATHS } from './wire.ts'

/** What is done to a body: edits of its members, and a warning for each that the caller should know of. */
interface Changes {
  readonly edits: Edit[]
  readonly warnings: string[]
}

/**
 * A request for one upstream: the caller's own text with the upstream's model id, the usage chunk where it must be asked for, and what the
 * vendor's quirks demand. Nothing else changes, byte for byte (INTERFACE.md section 9). The key goes into a header, never into the address.
 */
export function encodeRequest(input: Encode, quirks: Quirks): Encoded {
  const { request, account } = input
  const changes: Changes = { edits: [{ op: 'set', key: 'model', value: JSON.stringify(input.model) }], warnings: [] }
  editNames(input, quirks, changes)
  editLimits(input, quirks, changes)
  editUsage(input, quirks, changes)
  editFormat(input, quirks, changes)
  if (quirks.dropRouting) changes.edits.push(...editTools(input.request.text, input.request.body, changes.warnings))
  const text = editMessages(input, quirks, changes.warnings)
  return {
    upstream: {
      method: 'POST',
      url: addressFor(request.endpoint, account, quirks),
      headers: requestHeaders(account, request, quirks),
      body: editJson(text, changes.edits),
    },
    warnings: changes.warnings,
  }
}

export function addressFor(endpoint: Endpoint, { baseUrl }: Account, { paths }: Quirks): string {
  return baseUrl + (paths[endpoint] ?? PATHS[endpoint] ?? '')
}

/** Answers may be of any type. */
const SOUNDS: ReadonlySet<Endpoint> = new Set(['speech', 'transcriptions', 'translations'])

/** As `headersFor`, where the answer need not be JSON. */
export function requestHeaders(
  account: Account,
  { endpoint, stream }: Encode['request'],
  quirks: Quirks,
): Readonly<Record<string, string>> {
  const headers = headersFor(account, stream, quirks)
  return stream || !SOUNDS.has(endpoint) ? headers : { ...headers, accept: account.headers['accept'] ?? '*/*' }
}

/** Content type, what is wanted back, and the credential in the vendor's own header. */
export function headersFor(account: Account, stream: boolean, quirks: Quirks): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: stream ? 'text/event-stream' : 'application/json',
  }
  if (account.apiKey !== undefined && account.apiKey !== '') {
    if (quirks.auth === 'api-key') headers['api-key'] = account.apiKey
    else headers[quirks.auth === 'bearer' ? 'authorization' : quirks.auth] = `Bearer ${account.apiKey}`
  }
  return { ...headers, ...account.headers }
}

/** Members that must not travel, or travel under another name. */
function editNames({ request }: Encode, quirks: Quirks, changes: Changes): void {
  const { body } = request
  for (const key of Object.keys(body)) {
    if (steers(key, quirks)) remove(key, 'it would choose who answers', changes)
    else if (quirks.removed.includes(key)) remove(key, 'the provider does not take it', changes)
    else if (quirks.ignored.includes(key) && isSet(body[key])) {
      changes.warnings.push(`the provider does not honour \`${key}\``)
    }
  }
  for (const [key, to] of Object.entries(quirks.renamed)) rename({ key, to }, body, changes)
  if (quirks.maxTokensField === 'max_tokens' && 'max_completion_tokens' in body) {
    rename({ key: 'max_completion_tokens', to: 'max_tokens' }, body, changes)
  }
  if (quirks.embeddingsBase64 === 'unsupported' && request.endpoint === 'embeddings') {
    // The answer is brought into the encoding that was asked for, so there is nothing to warn of.
    changes.edits.push({ op: 'remove', key: 'encoding_format' })
  }
}

/**
 * True for a member that could override the model that was decided on. Some servers match names without case (Go's encoding/json does), so
 * `Model` beside `model` would win there, after every rule has judged `model`.
 */
export function steers(key: string, quirks: Quirks): boolean {
  if (key === 'model') return false
  return key.toLowerCase() === 'model' || (quirks.dropRouting && isRouting(key))
}

function editLimits({ request }: Encode, quirks: Quirks, changes: Changes): void {
  const temperature = request.body['temperature']
  if (typeof temperature !== 'number' || temperature <= quirks.temperatureMax) return
  changes.edits.push({ op: 'set', key: 'temperature', value: String(quirks.temperatureMax) })
  changes.warnings.push(`\`temperature\` was lowered to ${quirks.temperatureMax}, the provider's highest`)
}

function editUsage({ request, askUsage }: Encode, quirks: Quirks, changes: Changes): void {
  const options = request.body['stream_options']
  if (quirks.includeUsage === 'rejected') {
    if (isSet(options)) remove('stream_options', 'the provider does not take it', changes)
    else if (options === null) changes.edits.push({ op: 'remove', key: 'stream_options' })
    return
  }
  if (!askUsage || !request.stream || quirks.includeUsage === 'ignored' || request.endpoint === 'responses') return
  changes.edits.push({ op: 'set', key: 'stream_options', value: withUsage(request.text, options) })
}

/** A schema without what OpenAI wraps around it, where that is what the vendor takes. */
function editFormat({ request: { body, endpoint } }: Encode, { jsonSchema }: Quirks, { edits }: Changes): void {
  const format = jsonSchema === 'bare' && endpoint === 'chat' ? objectAt(body, 'response_format') : undefined
  const schema = objectAt(objectAt(format, 'json_schema'), 'schema')
  if (!schema) return
  edits.push({ op: 'set', key: 'response_format', value: JSON.stringify({ ...format, json_schema: schema }) })
}

function withUsage(text: string, options: Json | undefined): string {
  if (!isObject(options)) return '{"include_usage":true}'
  const span = scanObject(text).findLast((field) => field.key === 'stream_options')
  return editJson(text.slice(span?.start, span?.end), [{ op: 'set', key: 'include_usage', value: 'true' }])
}

function remove(key: string, why: string, { edits, warnings }: Changes): void {
  edits.push({ op: 'remove', key })
  warnings.push(`\`${key}\` was not sent: ${why}`)
}

/** Never two members of one name: what stands under the vendor's own name counts. */
function rename(name: { readonly key: string; readonly to: string }, body: JsonObject, changes: Changes): void {
  const { key, to } = name
  if (!(key in body)) return
  if (isSet(body[to])) return remove(key, `\`${to}\` is there too`, changes)
  if (to in body) changes.edits.push({ op: 'remove', key: to })
  changes.edits.push({ op: 'rename', key, to })
  if (isSet(body[key])) changes.warnings.push(`\`${key}\` was sent as \`${to}\``)
}

function isSet(value: Json | undefined): boolean {
  return value !== undefined && value !== null
}
