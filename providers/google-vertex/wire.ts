import type { Account } from '#src/core/adapter.ts'
import type { UpstreamAuth } from '#src/core/transport.ts'
import { generationOf } from '#providers/google-gemini/wire.ts'

/** Whose model an id is, by which the path and the dialect are chosen. `hosted`: open models behind an OpenAI-like path. */
export type Publisher = 'google' | 'anthropic' | 'hosted'

/** Ids of hosted models have their maker in front: `meta/llama-3.3-70b-instruct-maas`. */
export function publisherOf(model: string): Publisher {
  if (model.startsWith('claude') || model.startsWith('anthropic/')) return 'anthropic'
  return model.includes('/') && !model.startsWith('google/') && generationOf(model) === undefined ? 'hosted' : 'google'
}

/** Where a model of one publisher is asked. An id of a caller's can neither leave its segment nor choose another action. */
export function publisherPath(publisher: 'google' | 'anthropic', model: string, action: string): string {
  const prefix = `${publisher}/`
  const id = model.startsWith(prefix) ? model.slice(prefix.length) : model
  return `/publishers/${publisher}/models/${encodeURIComponent(id.toWellFormed())}:${action}`
}

export const HOSTED_PATH = '/endpoints/openapi/chat/completions'

/** The template's hosts of places that are no region, and the hosts that these have (Google Cloud, Deployments and endpoints). */
const HOSTS = [
  ['https://global-aiplatform.googleapis.com/', 'https://aiplatform.googleapis.com/'],
  ['https://us-aiplatform.googleapis.com/', 'https://aiplatform.us.rep.googleapis.com/'],
  ['https://eu-aiplatform.googleapis.com/', 'https://aiplatform.eu.rep.googleapis.com/'],
] as const

/** An account's address, behind which the publishers' paths stand. */
export function addressOf({ baseUrl }: Account): string {
  const known = HOSTS.find(([written]) => baseUrl.startsWith(written))
  return known ? known[1] + baseUrl.slice(known[0].length) : baseUrl
}

/** A key is a ready access token; without one the service account's own key makes one, just before it is needed. */
export function proofOf({ apiKey, settings = {} }: Account): {
  readonly auth?: UpstreamAuth
  readonly header?: string
} {
  if (apiKey !== undefined && apiKey !== '') return { header: `Bearer ${apiKey}` }
  const { clientEmail, privateKey } = settings
  if (clientEmail === undefined || privateKey === undefined) return {}
  return { auth: { kind: 'google-service-account', clientEmail, privateKey, tokenUri: TOKEN_URI, scope: SCOPE } }
}

const TOKEN_URI = 'https://oauth2.googleapis.com/token'
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
