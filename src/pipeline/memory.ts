import type { Dialect, DialectMemory } from '#src/core/dialect.ts'
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

export function ownerOf(key: Key | undefined): string {
  return key?.id ?? ''
}

/** Puts what was said before into a request that goes on from a stored answer. Throws FailureError 400: there is none, for this caller. */
export async function recallPrevious(
  gateway: Gateway,
  dialect: Dialect,
  { request, key }: { readonly request: ApiRequest; readonly key?: Key | undefined },
): Promise<Recalled> {
  const { memory } = dialect
  if (!memory) return { request }
  const named = memory.named(request)
  const filled = named.length === 0 ? undefined : await fill(gateway, memory, { request, owner: ownerOf(key), named })
  const id = memory.previous(request)
  if (id === undefined) return filled ?? { request }
  const stored = await findStored(gateway, ownerOf(key), id)
  if (!stored) throw notStored(id, 'previous_response_id')
  const { target, account, items } = stored
  const [own, others] = [filled?.request ?? request, filled?.resumed?.thoughtless ?? request]
  return {
    request: memory.resume(own, items, true),
    resumed: { original: request, thoughtless: memory.resume(others, items, false), target, account },
  }
}

/** Puts what a request names by its ids in their place. What is not kept here stays as it is: another may know it. */
async function fill(
  gateway: Gateway,
  memory: DialectMemory,
  {
    request,
    owner,
    named,
  }: { readonly request: ApiRequest; readonly owner: string; readonly named: readonly string[] },
): Promise<Recalled | undefined> {
  const { store, clock } = gateway.ports
  const found = await store.recall({ owner, kind: 'response', ids: named, now: clock.now() })
  const stored = [...found.values()].map(readStored).filter((own) => own !== undefined)
  const last = stored.at(-1)
  if (!last) return undefined
  const known = stored.flatMap(({ items, inputs }) => items.slice(inputs))
  const thoughtless = memory.filled(request, known, false)
  const { target, account } = last
  return {
    request: memory.filled(request, known, true),
    resumed: { original: thoughtless, thoughtless, target, account },
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
