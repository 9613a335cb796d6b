import type { Decision } from '#src/core/decision.ts'
import { endpointAt, ENDPOINTS, type Endpoint } from '#src/core/endpoint.ts'
import { badRequest } from '#src/core/failure.ts'
import { isObject, stringAt, type Json } from '#src/core/json.ts'
import type { Key } from '#src/core/key.ts'
import { readMetadata } from '#src/core/labels.ts'
import type { Client } from '#src/core/request.ts'
import type { Decided } from './decide.ts'
import { decideFor } from './decide-for.ts'
import type { Gateway } from './gateway.ts'
import { recallPrevious } from './memory.ts'
import { compileStored, readStored } from './stored-keys.ts'

/** A question, taken apart. */
export interface Explain {
  readonly endpoint: Endpoint
  /** The path itself, where it names the model. */
  readonly path?: string | undefined
  /** The request's body as JSON text. */
  readonly text: string
  readonly key?: Key
  readonly seed?: string
  /** What `x-tutti-tags` and `x-tutti-metadata` would carry; absent: nothing. */
  readonly tags?: readonly string[]
  readonly metadata?: Readonly<Record<string, Json>>
  /** Where the request would come from; absent: nothing is known of it. */
  readonly client?: Client
}

/** The question as it comes from outside: `POST /-/explain`, or the library. */
export interface ExplainInput {
  /** The request's path; `/v1/chat/completions` unless given. */
  readonly endpoint?: string
  readonly body: object
  /** The id of a configured key. */
  readonly key?: string
  /** What draws come from: a request's id, to see what that request saw. */
  readonly seed?: string
  /** What the header `x-tutti-tags` would carry. */
  readonly tags?: readonly string[]
  /** What the header `x-tutti-metadata` would carry. */
  readonly metadata?: object
  /** Where the request would come from, as far as it is known. */
  readonly client?: Client
}

const FIELDS: readonly string[] = ['endpoint', 'body', 'key', 'seed', 'tags', 'metadata', 'client']

/** The decision for an ExplainInput, checked. Throws FailureError: 400 for a bad question or request. */
export async function explain(gateway: Gateway, asked: unknown): Promise<Decision> {
  if (!isObject(asked))
    throw badRequest(
      'the body must be a JSON object with `body`, and perhaps `endpoint`, `key`, `seed`, `tags`, `metadata` and `client`',
    )
  const unknown = Object.keys(asked).find((name) => !FIELDS.includes(name))
  if (unknown !== undefined)
    throw badRequest(
      `\`${unknown}\` is not a field of this: give ${FIELDS.map((field) => `\`${field}\``).join(', ')}`,
      unknown,
    )
  if (!isObject(asked['body'])) throw badRequest('`body` must be the request, a JSON object', 'body')
  const key = await keyOf(gateway, asked['key'])
  const seed = stringAt(asked, 'seed')
  const { decision } = await explainRequest(gateway, {
    endpoint: endpointOf(asked['endpoint']),
    path: stringAt(asked, 'endpoint'),
    text: JSON.stringify(asked['body']),
    ...(key && { key }),
    ...(seed !== undefined && { seed }),
    tags: tagsOf(asked['tags']),
    metadata: metadataOf(asked['metadata']),
    ...clientOf(asked['client']),
  })
  return decision
}

/** The decision for a request that is already taken apart, with what a caller would be told where nothing is routed. Throws FailureError: 400. */
export async function explainRequest(gateway: Gateway, question: Explain): Promise<Decided> {
  const id = question.seed ?? gateway.ports.newId()
  const dialect = gateway.ports.dialects[question.endpoint]
  const read = dialect.read(question.text, {
    id,
    tags: question.tags ?? [],
    metadata: question.metadata ?? {},
    path: question.path ?? ENDPOINTS[question.endpoint],
  })
  const asked = question.client ? { ...read, client: question.client } : read
  const { request } = await recallPrevious(gateway, dialect, { request: asked, key: question.key })
  const { snapshot } = gateway
  const { decided } = await decideFor(gateway, {
    snapshot,
    request,
    seed: id,
    exact: true,
    ...(question.key && { key: question.key }),
  })
  return decided
}

/** The endpoint that a path names; undefined: chat. Throws 400. */
export function endpointOf(path: Json | undefined): Endpoint {
  if (path === undefined) return 'chat'
  const known = typeof path === 'string' ? endpointAt(path) : undefined
  if (known) return known
  throw badRequest(`\`endpoint\` must be one of ${Object.values(ENDPOINTS).join(', ')}`, 'endpoint')
}

function tagsOf(value: Json | undefined): readonly string[] {
  if (value === undefined) return []
  const tags = Array.isArray(value) ? value.filter((tag) => typeof tag === 'string' && tag !== '') : undefined
  if (!Array.isArray(value) || tags?.length !== value.length) throw badRequest('`tags` must be a list of texts', 'tags')
  return tags
}

function clientOf(value: Json | undefined): Pick<Explain, 'client'> {
  if (value === undefined) return {}
  const wrong =
    !isObject(value) || Object.entries(value).some(([name, text]) => !isPlace(name) || typeof text !== 'string')
  if (wrong) throw badRequest('`client` must be an object of `ip` and `country`, or one of them, as texts', 'client')
  const [ip, country] = [stringAt(value, 'ip'), stringAt(value, 'country')]
  return { client: { ...(ip !== undefined && { ip }), ...(country !== undefined && { country }) } }
}

function isPlace(name: string): boolean {
  return name === 'ip' || name === 'country'
}

function metadataOf(value: Json | undefined): Readonly<Record<string, Json>> {
  const metadata = value === undefined ? {} : readMetadata(value)
  if (!metadata) throw badRequest('`metadata` must be a JSON object', 'metadata')
  return metadata
}

async function keyOf({ snapshot, ports: { store } }: Gateway, id: Json | undefined): Promise<Key | undefined> {
  if (id === undefined) {
    if (snapshot.access.mode === 'keys') throw badRequest('`key` must name one of the configured keys', 'key')
    return undefined
  }
  const inFile = typeof id === 'string' ? snapshot.keysById.get(id) : undefined
  const text = typeof id === 'string' && !inFile ? await store.note('key', id) : undefined
  const key = text === undefined ? inFile : compileStored(snapshot, readStored(text))
  if (!key) throw badRequest('`key` must name one of the configured keys', 'key')
  return key
}
