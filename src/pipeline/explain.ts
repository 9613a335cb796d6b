import type { Decision } from '#src/core/decision.ts'
import { endpointAt, ENDPOINTS, type Endpoint } from '#src/core/endpoint.ts'
import { failure, FailureError } from '#src/core/failure.ts'
import { isObject, stringAt, type Json } from '#src/core/json.ts'
import type { Key } from '#src/core/key.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Decided } from './decide.ts'
import { decideFor } from './decide-for.ts'
import type { Gateway } from './gateway.ts'
import { recallPrevious } from './memory.ts'

/** A question, taken apart. */
export interface Explain {
  readonly endpoint: Endpoint
  /** The path itself, where it names the model. */
  readonly path?: string | undefined
  /** The request's body as JSON text. */
  readonly text: string
  readonly key?: Key
  readonly seed?: string
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
}

/** The decision for `{ endpoint, body, key, seed }`, checked. Throws FailureError: 400 for a bad question or request. */
export async function explain(gateway: Gateway, asked: unknown): Promise<Decision> {
  if (!isObject(asked))
    throw bad('the body must be a JSON object with `body`, and perhaps `endpoint`, `key` and `seed`')
  const unknown = Object.keys(asked).find((name) => !['endpoint', 'body', 'key', 'seed'].includes(name))
  if (unknown !== undefined)
    throw bad(`\`${unknown}\` is not a field of this: give \`body\`, \`endpoint\`, \`key\` and \`seed\``, unknown)
  if (!isObject(asked['body'])) throw bad('`body` must be the request, a JSON object', 'body')
  const key = keyOf(gateway.snapshot, asked['key'])
  const seed = stringAt(asked, 'seed')
  const { decision } = await explainRequest(gateway, {
    endpoint: endpointOf(asked['endpoint']),
    path: stringAt(asked, 'endpoint'),
    text: JSON.stringify(asked['body']),
    ...(key && { key }),
    ...(seed !== undefined && { seed }),
  })
  return decision
}

/** The decision for a request that is already taken apart, with what a caller would be told where nothing is routed. Throws FailureError: 400. */
export async function explainRequest(gateway: Gateway, question: Explain): Promise<Decided> {
  const id = question.seed ?? gateway.ports.newId()
  const dialect = gateway.ports.dialects[question.endpoint]
  const asked = dialect.read(question.text, {
    id,
    tags: [],
    metadata: {},
    path: question.path ?? ENDPOINTS[question.endpoint],
  })
  const { request } = await recallPrevious(gateway, dialect, { request: asked, key: question.key })
  const { snapshot } = gateway
  const { decided } = await decideFor(gateway, {
    snapshot,
    request,
    seed: id,
    ...(question.key && { key: question.key }),
  })
  return decided
}

/** The endpoint that a path names; undefined: chat. Throws 400. */
export function endpointOf(path: Json | undefined): Endpoint {
  if (path === undefined) return 'chat'
  const known = typeof path === 'string' ? endpointAt(path) : undefined
  if (known) return known
  throw bad(`\`endpoint\` must be one of ${Object.values(ENDPOINTS).join(', ')}`, 'endpoint')
}

function keyOf(snapshot: Snapshot, id: Json | undefined): Key | undefined {
  if (id === undefined) {
    if (snapshot.access.mode === 'keys') throw bad('`key` must name one of the configured keys', 'key')
    return undefined
  }
  const key = typeof id === 'string' ? snapshot.keysById.get(id) : undefined
  if (!key) throw bad('`key` must name one of the configured keys', 'key')
  return key
}

function bad(message: string, param: string | null = null): FailureError {
  return new FailureError(failure('invalid_request_error', message, { param }))
}
