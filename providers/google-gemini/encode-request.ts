import type { Account, Encode, Encoded } from '#src/core/adapter.ts'
import { arrayAt, isObject, type JsonObject } from '#src/core/json.ts'
import { editJson, fieldOf, scanObject, type Edit } from '#src/core/json-scan.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { isRouting } from '#providers/openai-compatible/routing.ts'
import { actionPath, generating } from './wire.ts'

/** A request in Gemini's own dialect: the caller's bytes to the model that was decided on. */
export function encodeNative({ request, model, account }: Encode): Encoded {
  const { body, warnings } = nativeBody(request, model)
  return {
    upstream: {
      method: 'POST',
      url: account.baseUrl + actionPath(model, actionOf(request)),
      headers: headersFor(account, request.stream),
      body,
    },
    warnings,
  }
}

function actionOf({ endpoint, stream }: ApiRequest): string {
  if (endpoint === 'geminiCountTokens') return 'countTokens'
  if (endpoint === 'geminiBatchEmbed') return 'batchEmbedContents'
  return endpoint === 'geminiEmbed' ? 'embedContent' : generating(stream)
}

/** Content type, what is wanted back, and the key: in a header, since addresses are logged. */
export function headersFor({ apiKey, headers }: Account, stream: boolean): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/json',
    accept: stream ? 'text/event-stream' : 'application/json',
    ...(apiKey !== undefined && apiKey !== '' && { 'x-goog-api-key': apiKey }),
    ...headers,
  }
}

/** Members of the generation's configuration by which Google's own router picks another model (law 1). */
const ROUTING: ReadonlySet<string> = new Set(['routingconfig', 'modelselectionconfig'])

/** A caller's body without what would override the model of the address. All else stays byte for byte. */
export function nativeBody({ text, body }: Pick<ApiRequest, 'text' | 'body'>, model: string): NativeBody {
  const edits: Edit[] = []
  const warnings: string[] = []
  for (const key of Object.keys(body)) {
    const value = editOf(key, { text, body, model, warnings })
    if (value !== undefined) edits.push(value)
  }
  return { body: edits.length === 0 ? text : editJson(text, edits), warnings }
}

interface NativeBody {
  readonly body: string
  readonly warnings: readonly string[]
}

interface Owner {
  readonly text: string
  readonly body: JsonObject
  readonly model: string
  readonly warnings: string[]
}

function editOf(key: string, owner: Owner): Edit | undefined {
  switch (folded(key)) {
    case 'model':
      if (key !== 'model') owner.warnings.push(notSent(key))
      return { op: 'remove', key }
    case 'generationconfig':
      return withoutRouting(key, owner)
    case 'generatecontentrequest':
      return withModel(key, owner)
    case 'requests':
      return withModels(key, owner)
    // Google's guard for prompts, whose name only sounds like it.
    case 'modelarmorconfig':
      return undefined
    default:
      // What answers there may be a gateway that reads more than Google does.
      if (!isRouting(key)) return undefined
      owner.warnings.push(notSent(key))
      return { op: 'remove', key }
  }
}

function withoutRouting(key: string, { text, body, warnings }: Owner): Edit | undefined {
  const config = body[key]
  const names = isObject(config) ? Object.keys(config).filter((name) => ROUTING.has(folded(name))) : []
  if (names.length === 0) return undefined
  warnings.push(...names.map((name) => notSent(`${key}.${name}`)))
  return {
    op: 'set',
    key,
    value: editJson(
      textOf(key, text),
      names.map((name) => ({ op: 'remove', key: name })),
    ),
  }
}

/** A whole request whose tokens are to be counted names its model once more, and has to. */
function withModel(key: string, { text, body, model }: Owner): Edit | undefined {
  if (!isObject(body[key])) return undefined
  const name = JSON.stringify(fullName(model))
  return { op: 'set', key, value: editJson(textOf(key, text), [{ op: 'set', key: 'model', value: name }]) }
}

/** So has each of several requests for a vector. */
function withModels(key: string, { body, model }: Owner): Edit | undefined {
  const requests = arrayAt(body, key)?.map((one) => {
    const members = Object.entries(isObject(one) ? one : {}).filter(([name]) => folded(name) !== 'model')
    return { model: fullName(model), ...Object.fromEntries(members) }
  })
  return requests && { op: 'set', key, value: JSON.stringify(requests) }
}

function fullName(model: string): string {
  return model.startsWith('models/') ? model : `models/${model}`
}

function textOf(key: string, text: string): string {
  const span = fieldOf(scanObject(text), key)
  return text.slice(span?.start, span?.end)
}

function notSent(key: string): string {
  return `\`${key}\` was not sent: it would choose who answers`
}

/** Names come with humps and with underscores. */
function folded(key: string): string {
  return key.replaceAll('_', '').toUpperCase().toLowerCase()
}
