import { badRequest, FailureError } from '#src/core/failure.ts'
import { isObject, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { authenticate } from '#src/pipeline/authenticate.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import { findStored, ownerOf, notStored, type Stored } from '#src/pipeline/memory.ts'
import type { Channel } from './channel.ts'
import { standardHeaders } from './receive.ts'

/** The address of a stored response: its id, and what of it is asked for. */
export interface StoredAddress {
  readonly id: string
  readonly query: ReadonlyMap<string, string>
}

/** `GET /v1/responses/{id}`. */
export async function retrieveResponse(gateway: Gateway, channel: Channel, at: StoredAddress): Promise<void> {
  if (at.query.get('stream') === 'true') throw badRequest('`stream` is not carried out for stored responses', 'stream')
  const { answer } = await stored(gateway, channel, at.id)
  send(gateway, channel, answer)
}

/** `DELETE /v1/responses/{id}`. */
export async function deleteResponse(gateway: Gateway, channel: Channel, { id }: StoredAddress): Promise<void> {
  const owner = await ownerFor(gateway, channel)
  if (!(await gateway.ports.store.forget({ owner, kind: 'response', id }))) throw missing(id)
  send(gateway, channel, { id, object: 'response', deleted: true })
}

/** `POST /v1/responses/{id}/cancel`: nothing works on in the background here, so there is nothing to cancel. */
export async function cancelResponse(gateway: Gateway, channel: Channel, { id }: StoredAddress): Promise<void> {
  await stored(gateway, channel, id)
  throw badRequest('only a response of the background can be cancelled, and none is made here', 'response_id')
}

const MOST_ITEMS = 100
const USUAL_ITEMS = 20

/** `GET /v1/responses/{id}/input_items`: pages as OpenAI has them, the last item first unless `order=asc`. */
export async function responseInputs(gateway: Gateway, channel: Channel, { id, query }: StoredAddress): Promise<void> {
  const { items, inputs } = await stored(gateway, channel, id)
  const all = items.slice(0, inputs).map((item, place) => withId(item, id, place))
  const order = query.get('order') ?? 'desc'
  if (order !== 'asc' && order !== 'desc')
    throw badRequest('invalid value for `order`: expected `asc` or `desc`', 'order')
  const sorted = order === 'asc' ? all : all.toReversed()
  const after = query.get('after')
  const begin = after === undefined ? 0 : sorted.findIndex((item) => item['id'] === after) + 1
  if (after !== undefined && begin === 0) throw badRequest('`after` names no item of this response', 'after')
  const limit = Number(query.get('limit') ?? USUAL_ITEMS)
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ITEMS)
    throw badRequest(`invalid value for \`limit\`: expected an integer from 1 to ${MOST_ITEMS}`, 'limit')
  const data = sorted.slice(begin, begin + limit)
  send(gateway, channel, {
    object: 'list',
    data,
    first_id: data.at(0)?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: begin + limit < sorted.length,
  })
}

/** Items that the caller wrote have no id of their own, and messages perhaps no type. */
function withId(item: Json, response: string, place: number): JsonObject {
  const own = isObject(item) ? item : { value: item }
  const typed = 'role' in own ? { type: 'message', ...own } : own
  return stringAt(own, 'id') === undefined ? { id: `item_${response.slice('resp_'.length)}_${place}`, ...typed } : typed
}

async function stored(gateway: Gateway, channel: Channel, id: string): Promise<Stored> {
  const found = await findStored(gateway, await ownerFor(gateway, channel), id)
  if (!found) throw missing(id)
  return found
}

async function ownerFor(gateway: Gateway, channel: Channel): Promise<string> {
  return ownerOf(await authenticate(gateway.snapshot, channel, gateway.ports))
}

function missing(id: string): FailureError {
  const { failure: why } = notStored(id, 'response_id')
  return new FailureError({ ...why, status: 404, code: 'not_found' })
}

function send(gateway: Gateway, channel: Channel, body: JsonObject): void {
  const headers = standardHeaders(gateway.ports.newId(), gateway.snapshot.epoch)
  channel.sink.send(200, headers, JSON.stringify(body))
}
