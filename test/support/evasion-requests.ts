import { ALL, ENDPOINTS, type Endpoint } from '#src/core/endpoint.ts'
import type { JsonObject } from '#src/core/json.ts'

/** A request, before it is one: it can be sent to a gateway in any runtime. */
export interface Attack {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const PROMPT = 'hi'
const MESSAGES = [{ role: 'user', content: PROMPT }]
const CONTENTS = { contents: [{ role: 'user', parts: [{ text: PROMPT }] }] }
const VECTOR = { content: { parts: [{ text: PROMPT }] } }

/** The least that each endpoint takes, the model aside. An endpoint without a row fails the suite. */
export const LEAST_BODY: Readonly<Record<Endpoint, JsonObject>> = {
  chat: { messages: MESSAGES },
  completions: { prompt: PROMPT },
  embeddings: { input: PROMPT },
  responses: { input: PROMPT },
  messages: { max_tokens: 16, messages: MESSAGES },
  countTokens: { messages: MESSAGES },
  geminiGenerate: CONTENTS,
  geminiCountTokens: CONTENTS,
  geminiEmbed: VECTOR,
  geminiBatchEmbed: { requests: [VECTOR] },
  moderations: { input: PROMPT },
  imageGenerations: { prompt: PROMPT },
  imageEdits: { prompt: PROMPT, images: [{ image_url: 'https://host.example/a.png' }] },
  speech: { input: PROMPT, voice: 'alloy' },
  transcriptions: {},
  translations: {},
  rerank: { query: 'a', documents: ['b'] },
  decisions: { input: 'a', questions: [{ type: 'predicate', name: 'q', instructions: 'i' }] },
}

/** Endpoints that take a form with a file, and whether they take nothing else. */
export const FORMS: Readonly<Partial<Record<Endpoint, 'only' | 'too'>>> = {
  transcriptions: 'only',
  translations: 'only',
  imageEdits: 'too',
}

export const JSON_ENDPOINTS = ALL.filter((endpoint) => FORMS[endpoint] !== 'only')
export const FORM_ENDPOINTS = ALL.filter((endpoint) => endpoint in FORMS)

/** Endpoints that stream by a member of the body. */
export const STREAMED: readonly Endpoint[] = ['chat', 'completions', 'responses', 'messages']

/** Whether an endpoint's model stands in its address. */
export function inPath(endpoint: Endpoint): boolean {
  return ENDPOINTS[endpoint].includes('{model}')
}

export function addressOf(endpoint: Endpoint, model: string): string {
  return ENDPOINTS[endpoint].replace('{model}', () => encodeURIComponent(model.toWellFormed()))
}

const JSON_TYPE = { 'content-type': 'application/json' }

export interface JsonWish {
  readonly endpoint: Endpoint
  readonly model: string
  /** Members beside the least. */
  readonly more?: JsonObject
  /** Members as JSON text, before all others: what no object can hold. */
  readonly raw?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: string
}

export function jsonAttack({ endpoint, model, more = {}, raw, headers = {}, query = '' }: JsonWish): Attack {
  const named = inPath(endpoint) ? {} : { model }
  const text = JSON.stringify({ ...named, ...LEAST_BODY[endpoint], ...more })
  return {
    method: 'POST',
    path: addressOf(endpoint, model) + query,
    headers: { ...JSON_TYPE, ...headers },
    body: raw === undefined ? text : `{${raw},${text.slice(1)}`,
  }
}

/** A field of a form, as it is written in its head: `name="model"`. */
export interface FormField {
  readonly head: string
  readonly value: string
}

export const field = (name: string, value: string): FormField => ({ head: `name="${name}"`, value })

const BOUNDARY = 'frontier'
const FILE = [
  { head: 'name="file"; filename="a.wav"', value: 'RIFF' },
  { head: 'name="image"; filename="a.png"', value: 'PNG' },
  field('prompt', PROMPT),
]

/** A form with a file, its fields in this order. */
export function formAttack(
  endpoint: Endpoint,
  before: readonly FormField[],
  behind: readonly FormField[] = [],
): Attack {
  const parts = [...before, ...FILE, ...behind].map(
    ({ head, value }) => `--${BOUNDARY}\r\ncontent-disposition: form-data; ${head}\r\n\r\n${value}\r\n`,
  )
  return {
    method: 'POST',
    path: ENDPOINTS[endpoint],
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    body: `${parts.join('')}--${BOUNDARY}--\r\n`,
  }
}

/** The least of each route, by whatever it takes. */
export function plainAttack(endpoint: Endpoint, model: string): Attack {
  return FORMS[endpoint] === 'only' ? formAttack(endpoint, [field('model', model)]) : jsonAttack({ endpoint, model })
}

export function requestOf({ method, path, headers, body }: Attack, origin = 'http://tutti'): Request {
  return new Request(origin + path, { method, headers, ...(method !== 'GET' && method !== 'HEAD' && { body }) })
}
