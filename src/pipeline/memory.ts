import type { Dialect } from '#src/core/dialect.ts'
import { failure, FailureError } from '#src/core/failure.ts'
import { isObject, parseJson, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import type { Key } from '#src/core/key.ts'
import type { ApiRequest } from '#src/core/request.ts'
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
  /** What the account that gave that answer gets, where it speaks the caller's dialect. */
  readonly original: ApiRequest
  /** What any other gets there: without the thoughts of the first. */
  readonly thoughtless: ApiRequest
  readonly target: string
  readonly account: string
}

export interface Recalled {
  readonly request: ApiRequest
  readonly resumed?: Resumed
}

/** Stored answers and thoughts are kept as long as OpenAI keeps responses, in ms. */
export const KEPT_FOR = 30 * 24 * 60 * 60 * 1000

/** Whose things are: a key that has the id of one that was revoked is not the same (law 13). '': an open gateway's. */
export function ownerOf({ id = '', made }: Partial<Key> = {}): string {
  return made === undefined ? id : `${id} ${made}`
}

/**
 * Puts what was said before into a request that goes on from a stored answer, and what it only names in the place of its names: what is not kept
 * here stays a name, another may know it. Throws FailureError 400: there is no such answer, for this caller.
 */
export async function recallPrevious(
  gateway: Gateway,
  dialect: Dialect,
  { request, key }: { readonly request: ApiRequest; readonly key?: Key | undefined },
): Promise<Recalled> {
  const { memory } = dialect
  if (!memory) return { request }
  const owner = ownerOf(key)
  const id = memory.previous(request)
  const stored = id === undefined ? undefined : await findStored(gateway, owner, id)
  if (id !== undefined && !stored) throw notStored(id, 'previous_response_id')
  const named = await findNamed(gateway, owner, memory.named(request))
  const [first, ...others] = stored ? [stored, ...named] : named
  if (!first) return { request }
  const { target, account } = first
  const known = named.flatMap(({ items, inputs }) => items.slice(inputs))
  const spelled = (thoughts: boolean): ApiRequest => {
    const filled = known.length > 0 ? memory.filled(request, known, thoughts) : request
    return stored ? memory.resume(filled, stored.items, thoughts) : filled
  }
  const thoughtless = spelled(false)
  // What several accounts have said none of them can find by its name.
  const alone = others.every((other) => other.target === target && other.account === account)
  return alone
    ? { request: spelled(true), resumed: { original: request, thoughtless, target, account } }
    : { request: thoughtless, resumed: { original: thoughtless, thoughtless, target, account } }
}

/** The answers of this caller's in which these items stand. */
async function findNamed(gateway: Gateway, owner: string, ids: readonly string[]): Promise<readonly Stored[]> {
  if (ids.length === 0) return []
  const { store, clock } = gateway.ports
  const now = clock.now()
  const places = await store.recall({ owner, kind: 'item', ids, now })
  const texts = await store.recall({ owner, kind: 'response', ids: [...new Set(places.values())], now })
  return [...texts.values()].flatMap((text) => readStored(text) ?? [])
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
