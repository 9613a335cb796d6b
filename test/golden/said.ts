import { dialects } from '#src/dialects/registry.ts'
import type { Encoded } from '#src/core/adapter.ts'
import type { Dialect } from '#src/core/dialect.ts'
import { FailureError } from '#src/core/failure.ts'
import { honour } from '#src/core/honour.ts'
import { isObject, objectAt, parseJson, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import type { ApiRequest } from '#src/core/request.ts'
import type { Form } from './forms.ts'
import { prettyJson } from './pretty-json.ts'

/** A request file: what a caller sends. */
export interface RequestFile {
  readonly path: string
  readonly headers: JsonObject
  readonly body: JsonObject
}

export const INBOUND = {
  chat: 'chat',
  responses: 'responses',
  messages: 'messages',
  gemini: 'geminiGenerate',
} as const

export type Inbound = keyof typeof INBOUND

export function readRequestFile(text: string): RequestFile {
  const value = parseJson(text)
  const [path, body] = [stringAt(value, 'path'), objectAt(value, 'body')]
  if (path === undefined || body === undefined) throw new SyntaxError('a request file has `path` and `body`')
  return { path, headers: objectAt(value, 'headers') ?? {}, body }
}

interface Said {
  readonly how: 'as it came' | 'translated' | 'refused'
  readonly line: string
  readonly headers: JsonObject
  readonly body: JsonObject
  readonly warnings: readonly string[]
}

/** One page: the request, and what each form makes of it. */
export function pageOf(
  name: string,
  inbound: Inbound,
  { file, forms }: { file: RequestFile; forms: readonly Form[] },
): string {
  const shown = { seen: new Map<string, Shown>(), asked: { title: 'as it came', body: file.body } }
  const sections = forms.map((form) => sectionOf(form, saidTo(form, inbound, file), shown))
  return `# ${inbound}: ${name}\n\nPOST ${file.path}\n\n${fenced(file.body)}\n\n${sections.join('\n\n')}\n`
}

interface Shown {
  readonly title: string
  readonly body: JsonObject
}

/** Of a form that was shown before only what is not the same there. */
function sectionOf(
  { title, codec }: Form,
  said: Said,
  { seen, asked }: { readonly seen: Map<string, Shown>; readonly asked: Shown },
): string {
  const { how, line, headers, body, warnings } = said
  if (how === 'refused') return `## ${title}\n\nrefused: ${warnings.join('; ')}`
  const before = how === 'as it came' ? asked : seen.get(codec.wire)
  if (!before) seen.set(codec.wire, { title: `as to ${title}`, body })
  const words = before ? `${before.title}${differenceOf(before.body, body)}` : fenced(body)
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`)
  const told = warnings.map((warning) => `- ${warning}`)
  const parts = [`## ${title}`, [line, ...head].join('\n'), words, told.join('\n')]
  return parts.filter((own) => own !== '').join('\n\n')
}

function differenceOf(before: JsonObject, body: JsonObject): string {
  const other = Object.entries(body).filter(([name, own]) => JSON.stringify(own) !== JSON.stringify(before[name]))
  const gone = Object.keys(before).filter((name) => !(name in body))
  const without = gone.length === 0 ? '' : `, without ${gone.map((name) => `\`${name}\``).join(', ')}`
  return other.length === 0 ? without : `${without}, but with\n\n${fenced(Object.fromEntries(other))}`
}

function fenced(value: Json): string {
  return `\`\`\`json\n${prettyJson(value)}\n\`\`\``
}

/** What goes over the wire, as the pipeline makes it. */
function saidTo(form: Form, inbound: Inbound, file: RequestFile): Said {
  const dialect: Dialect = dialects[INBOUND[inbound]]
  const { adapter, model, account, codec } = form
  try {
    const request = dialect.read(JSON.stringify(file.body), {
      id: 'req_1',
      tags: [],
      metadata: {},
      path: file.path,
      header: (name) => stringAt(file.headers, name),
    })
    if (isNative(form, request))
      return wireOf('as it came', adapter.encode({ request, model, account, askUsage: false }))
    const conversation = dialect.translation?.read(request)
    if (!conversation) throw new TypeError(`${inbound} does not translate`)
    const honoured = honour(conversation, codec, model)
    if (honoured.refusals.length > 0)
      return refusedBy(honoured.refusals.map(({ feature, param }) => `\`${param}\` (${feature})`).join(', '))
    const encoded = codec.encode({ conversation: honoured.conversation, model, account, stream: request.stream })
    return wireOf('translated', { ...encoded, warnings: [...honoured.warnings, ...encoded.warnings] })
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    return refusedBy(`\`${error.failure.param ?? ''}\`: ${error.failure.message}`)
  }
}

/** The form that a vendor has of the caller's own dialect: what it is sent travels as it came. */
function isNative({ adapter, codec, model }: Form, { endpoint }: ApiRequest): boolean {
  const own = {
    chat: 'openai-chat',
    responses: 'openai-responses',
    messages: 'anthropic-messages',
    geminiGenerate: 'gemini',
  }
  const wire = Object.entries(own).find(([name]) => name === endpoint)?.[1]
  return codec.wire === wire && adapter.endpoints.includes(endpoint) && (adapter.speaks?.(endpoint, model) ?? true)
}

const refusedBy = (why: string): Said => ({ how: 'refused', line: '', headers: {}, body: {}, warnings: [why] })

/** Headers that every request has are not shown. */
const COMMON = new Set([
  'content-type',
  'accept',
  'authorization',
  'x-api-key',
  'x-goog-api-key',
  'api-key',
  'accept-encoding',
])

function wireOf(how: Said['how'], { upstream, warnings }: Encoded): Said {
  const value = parseJson(upstream.body ?? '')
  const headers = Object.entries(upstream.headers).filter(([name]) => !COMMON.has(name))
  return {
    how,
    line: `${upstream.method} ${upstream.url}`,
    headers: Object.fromEntries(headers),
    body: isObject(value) ? value : {},
    warnings,
  }
}
