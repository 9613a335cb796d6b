import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Adapter, Observation, UpstreamFailure } from '#src/core/adapter.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { isObject, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import { openaiCompatible } from '#providers/openai-compatible/index.ts'
import { adapters } from '#providers/registry.ts'

const CORPUS = new URL('../../../shared/corpus/', import.meta.url)
const here = existsSync(new URL('index.json', CORPUS))

interface Case {
  readonly id: string
  readonly file: string
  readonly provider: string
  readonly api: string
  readonly kind: string
  readonly status: number
}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  'openai.chat': 'chat',
  'openai.completions': 'completions',
  embeddings: 'embeddings',
}
/** The corpus's names of vendors that have an adapter under another one. */
const ALIASES: Readonly<Record<string, string>> = {
  azure: 'azure-openai',
  hyperclova: 'hyperclova-x',
  cloudflare: 'workers-ai',
  llamacpp: 'llama-cpp',
  lmstudio: 'lm-studio',
  'vercel-gateway': 'vercel-ai-gateway',
}
/** A vendor's own form under an OpenAI path. */
const OTHER_SHAPE = new Set(['ollama/embeddings-text', 'writer/completions-stream-text'])
/** The limit was spent on reasoning: there is nothing to read, and that is the answer. */
const ONLY_REASONED = new Set(['openai/chat-multimodal', 'openai/chat-text-to-image-tool'])
/** Recorded errors inside a 200. */
const BROKEN = [
  'groq/chat-stream-midstream-error-reasoning',
  'llamacpp/chat-stream-error-field-nonstandard',
  'llamacpp/chat-stream-error-in-data',
  'openrouter/chat-stream-midstream-error-reasoning-details-reasoning',
]

const cases = here ? load().filter((one) => one.api in ENDPOINTS) : []

test.skipIf(!here)(
  'recorded traffic (../shared/corpus beside the project) has the cases that this file speaks of',
  () => {
    expect(cases.length).toBeGreaterThan(200)
    const ids = cases.map((one) => one.id)
    for (const id of BROKEN) expect(ids).toContain(id)
  },
)

const answers = cases.filter((one) => one.status === 200)
test.skipIf(!here).each(answers.map((one) => [one.id, one] as const))('%s is observed as what it is', (id, one) => {
  const seen = observeAll(one)
  const text = readText(one)
  const broken = seen.filter((observation) => observation.failure !== undefined)
  expect(broken.length > 0, broken[0]?.failure?.failure.message).toBe(BROKEN.includes(id))
  if (BROKEN.includes(id) || OTHER_SHAPE.has(id)) return
  const usages = seen.flatMap((observation) => observation.usage ?? [])
  if (text.includes('"prompt_tokens"')) expect(usages.at(-1)?.input, 'usage').toBeGreaterThanOrEqual(0)
  expect(seen.some((observation) => observation.content)).toBe(!ONLY_REASONED.has(id))
  const { routes } = adapterOf(one)
  const operator = seen.flatMap((observation) => observation.operator ?? []).at(-1)
  if (one.provider === 'vercel-gateway') expect(Object.keys(routes?.hosts ?? {})).toContain(operator)
  for (const usage of usages) {
    expect(usage.cachedInput ?? 0).toBeLessThanOrEqual(usage.input ?? 0)
    expect(usage.reasoning ?? 0).toBeLessThanOrEqual(usage.output ?? 0)
  }
  const ended = new Set(seen.flatMap((observation) => observation.finished))
  const finishes = text.includes('"finish_reason":"') || text.includes('"finish_reason": "')
  if (finishes && !text.includes('"finish_reason": ""')) expect(ended.has(0)).toBe(true)
})

const streams = answers.filter(
  (one) => one.kind === 'sse' && !BROKEN.includes(one.id) && adapters.has(ALIASES[one.provider] ?? one.provider),
)
/** Fixtures that were cut where somebody stopped quoting. */
const CUT = new Set(['vllm/chat-stream-tool-args-python-client'])
test.skipIf(!here).each(streams.map((one) => [one.id, one] as const))('%s ends as its vendor declares', (id, one) => {
  const done = readText(one).trimEnd().endsWith('[DONE]')
  if (adapterOf(one).streamEnd === 'done-required') expect(done).toBe(!CUT.has(id))
})

const refusals = cases.filter((one) => one.status >= 400)
test.skipIf(!here).each(refusals.map((one) => [one.id, one] as const))('%s is an error of a class', (id, one) => {
  const read = adapterOf(one).decodeError({ status: one.status, headers: {} }, readText(one))
  const ours = [401, 402, 403].includes(one.status)
  expect(read.failure.status).toBe(ours ? 502 : one.status)
  expect(read.failure.upstreamStatus).toBe(one.status)
  expect(read.failure.message.length).toBeGreaterThan(10)
  expect(read.failure.code === null || typeof read.failure.code === 'string').toBe(true)
  expect(read.retry).toBe(expectedRetry(id, one.status))
})

/** By status, but for what the recorded words say. */
function expectedRetry(id: string, status: number): UpstreamFailure['retry'] {
  const next = [
    'llamacpp/chat-err-400-exceed-context-size-error',
    'ollama/chat-err-400-invalid-request-error',
    'openai/chat-err-429-insufficient-quota-code-null',
    'mistral/chat-err-400-invalid-model',
    'vllm/chat-err-400-flat-object-error',
    'llamacpp/embeddings-err-501-not-supported-error',
  ]
  if (next.includes(id)) return 'next'
  if (status === 429 || status >= 500) return 'same'
  return status === 400 || status === 409 || status === 422 ? 'no' : 'next'
}

function observeAll(one: Case): readonly Observation[] {
  const adapter = adapterOf(one)
  const endpoint = ENDPOINTS[one.api] ?? 'chat'
  const text = readText(one)
  if (one.kind !== 'sse') {
    const value = parseJson(text)
    return isObject(value) ? [adapter.observe(value, { endpoint, stream: false })] : []
  }
  return events(text).map(({ name, value }) =>
    adapter.observe(value, { endpoint, stream: true, ...(name === undefined ? {} : { event: name }) }),
  )
}

/** Enough of event streams for files that hold them whole. */
function events(text: string): readonly { readonly name: string | undefined; readonly value: JsonObject }[] {
  let name: string | undefined
  const found: { name: string | undefined; value: JsonObject }[] = []
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    if (line === '') name = undefined
    else if (line.startsWith('event:')) name = line.slice(6).trim()
    else if (line.startsWith('data:') || line.startsWith('error:')) {
      const value = parseJson(line.slice(line.indexOf(':') + 1))
      if (isObject(value)) found.push({ name: line.startsWith('error:') ? 'error' : name, value })
    }
  }
  return found
}

function adapterOf(one: Case): Adapter {
  const adapter = adapters.get(ALIASES[one.provider] ?? one.provider)
  // Some hosts have more surfaces than their vendor's type speaks.
  return adapter?.endpoints.includes(ENDPOINTS[one.api] ?? 'chat') ? adapter : openaiCompatible
}

function readText(one: Case): string {
  return readFileSync(new URL(one.file, CORPUS), 'utf8')
}

function load(): readonly Case[] {
  const rows: unknown = JSON.parse(readFileSync(new URL('index.json', CORPUS), 'utf8'))
  if (!Array.isArray(rows)) return []
  return rows.filter(isObject).map((row) => ({
    id: stringAt(row, 'id') ?? '',
    file: stringAt(row, 'file') ?? '',
    provider: stringAt(row, 'provider') ?? '',
    api: stringAt(row, 'api') ?? '',
    kind: stringAt(row, 'kind') ?? '',
    status: Number(row['status']),
  }))
}
