import type { Dialect, DialectMemory } from '#src/core/dialect.ts'
import { failure, FailureError } from '#src/core/failure.ts'
import { isObject, parseJson, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import type { Key } from '#src/core/key.ts'
import type { ApiRequest } from '#src/core/request.ts'
import type { Keepsake } from '#src/core/state-store.ts'
import type { Attempt } from './attempt.ts'
import type { Call } from './call.ts'
import type { Gateway } from './gateway.ts'

/** A stored answer: what came back, and all that was said up to and with it. */
export interface Stored {
  readonly answer: JsonObject
  /** How many of `items` are the request's. */
  readonly inputs: number
  readonly items: readonly Json[]
  readonly target: string
  readonly account: string
}

/** A request that goes on from a stored answer. */
export interface Resumed {
  /** As it came: what the account that gave that answer gets. */
  readonly original: ApiRequest
  readonly target: string
  readonly account: string
}

export interface Recalled {
  readonly request: ApiRequest
  readonly resumed?: Resumed
}

/** Stored answers and thoughts are kept as long as OpenAI keeps responses, in ms. */
export const KEPT_FOR = 30 * 24 * 60 * 60 * 1000
/** UTF-16 units of one: a longer one is not kept. */
const MOST = 8 * 1024 * 1024

export function ownerOf(key: Key | undefined): string {
  return key?.id ?? ''
}

/** Puts what was said before into a request that goes on from a stored answer. Throws FailureError 400: there is none, for this caller. */
export async function recallPrevious(
  gateway: Gateway,
  dialect: Dialect,
  { request, key }: { readonly request: ApiRequest; readonly key?: Key | undefined },
): Promise<Recalled> {
  const id = dialect.memory?.previous(request)
  if (id === undefined || !dialect.memory) return { request }
  const stored = await findStored(gateway, ownerOf(key), id)
  if (!stored) throw notStored(id, 'previous_response_id')
  const { target, account } = stored
  return {
    request: dialect.memory.resume(request, stored.items),
    resumed: { original: request, target, account },
  }
}

/** A stored answer of this caller's. */
export async function findStored(gateway: Gateway, owner: string, id: string): Promise<Stored | undefined> {
  const { store, clock } = gateway.ports
  const found = await store.recall({ owner, kind: 'response', ids: [id], now: clock.now() })
  return readStored(found.get(id))
}

/** The refusal of an id that nothing is kept under. */
export function notStored(id: string, param: string): FailureError {
  const why = failure('invalid_request_error', `the response \`${id.slice(0, 128)}\` is not kept here`, { param })
  return new FailureError({ ...why, code: 'previous_response_not_found' })
}

/** Keeps what an answer is worth keeping for. `rest` is the whole answer, or the end of its stream. */
export async function keepAnswer(call: Call, attempt: Attempt, rest: string | Uint8Array): Promise<void> {
  const text = typeof rest === 'string' ? rest : new TextDecoder().decode(rest)
  const { gateway, dialect, key } = call
  const now = gateway.ports.clock.now()
  const at = { owner: ownerOf(key), expiresAt: now + KEPT_FOR }
  const keepsakes = [...answerOf(call, dialect.memory, { attempt, text }), ...thoughtsOf(attempt)].map(
    (one): Keepsake => ({ ...one, ...at }),
  )
  if (keepsakes.length > 0) await gateway.ports.store.keep(keepsakes, now)
}

type Kept = Pick<Keepsake, 'kind' | 'id' | 'value'>

function answerOf(
  { request, warnings }: Call,
  memory: DialectMemory | undefined,
  { attempt, text }: { readonly attempt: Attempt; readonly text: string },
): readonly Kept[] {
  const kept = memory?.keep(request, text)
  if (!kept) return []
  const stored: Stored = {
    answer: kept.answer,
    inputs: kept.input.length,
    items: [...kept.input, ...kept.output],
    target: attempt.target.id,
    account: attempt.account,
  }
  const value = JSON.stringify(stored)
  if (value.length <= MOST) return [{ kind: 'response', id: kept.id, value }]
  warnings.add('`store`: the answer is too large to be kept')
  return []
}

/** What was thought before a call is found again by the call's id. */
function thoughtsOf({ thoughts = [], target, account }: Attempt): readonly Kept[] {
  const reasoning = thoughts.filter(({ type }) => type === 'reasoning')
  return thoughts.flatMap((part): readonly Kept[] => {
    if (part.type !== 'tool-call' || (reasoning.length === 0 && !part.signature)) return []
    const value = { account: `${target.provider.name}/${account}`, reasoning, signature: part.signature ?? null }
    return [{ kind: 'signature', id: part.id, value: JSON.stringify(value) }]
  })
}

function readStored(text: string | undefined): Stored | undefined {
  const value = parseJson(text ?? '')
  if (!isObject(value)) return undefined
  const { answer, inputs, items } = value
  const [target, account] = [stringAt(value, 'target'), stringAt(value, 'account')]
  if (!isObject(answer) || typeof inputs !== 'number' || !isList(items)) return undefined
  return { answer, inputs, items, target: target ?? '', account: account ?? '' }
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}
