import { parseDuration } from '#src/config/units.ts'
import { failure, FailureError } from '#src/core/failure.ts'
import { isObject, parseJson, type Json, type JsonObject } from '#src/core/json.ts'
import { minterOf } from '#src/pipeline/authenticate.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import {
  changeKey,
  createKey,
  listKeys,
  revokeKey,
  rotateKey,
  showKey,
  type KeyDesk,
} from '#src/pipeline/manage-keys.ts'
import type { TelemetryEvent } from '#src/telemetry/telemetry.ts'
import type { Channel } from './channel.ts'
import { notHere } from './deny-route.ts'
import { requireAdmin, sendJson } from './operations.ts'
import { readText } from './receive.ts'

interface At {
  readonly id: string
}

/** `POST /-/keys`: makes a key, and answers its credential once. */
export async function createKeyRoute(gateway: Gateway, channel: Channel): Promise<void> {
  const desk = await deskFor(gateway, channel)
  if (gateway.ports.isolated && !desk.store.durable) throw notHere('keys that are made need')
  const made = await createKey(desk, await bodyOf(gateway, channel))
  told(gateway, desk, { event: 'key_made', key: made.id })
  sendJson(gateway, channel, { ...made, survives_restart: desk.store.durable })
}

/** `GET /-/keys`. */
export async function keysRoute(gateway: Gateway, channel: Channel): Promise<void> {
  sendJson(gateway, channel, { keys: await listKeys(await deskFor(gateway, channel)) })
}

/** `GET /-/keys/{id}`. */
export async function keyRoute(gateway: Gateway, channel: Channel, { id }: At): Promise<void> {
  sendJson(gateway, channel, await showKey(await deskFor(gateway, channel), id))
}

/** `PATCH /-/keys/{id}`: fields in the place of those that it has. */
export async function changeKeyRoute(gateway: Gateway, channel: Channel, { id }: At): Promise<void> {
  const desk = await deskFor(gateway, channel)
  const changed = await changeKey(desk, id, await bodyOf(gateway, channel))
  told(gateway, desk, { event: 'key_changed', key: id })
  sendJson(gateway, channel, changed)
}

/** `POST /-/keys/{id}/rotate` with `{ "overlap": "1h" }`, or nothing: another credential, answered once. */
export async function rotateRoute(gateway: Gateway, channel: Channel, { id }: At): Promise<void> {
  const desk = await deskFor(gateway, channel)
  const rotated = await rotateKey(desk, id, overlapOf(await bodyOf(gateway, channel)))
  told(gateway, desk, { event: 'key_rotated', key: id })
  sendJson(gateway, channel, rotated)
}

/** `DELETE /-/keys/{id}`: it is nobody's, here at once and elsewhere within a second. */
export async function revokeRoute(gateway: Gateway, channel: Channel, { id }: At): Promise<void> {
  const desk = await deskFor(gateway, channel)
  await revokeKey(desk, id)
  told(gateway, desk, { event: 'key_revoked', key: id })
  sendJson(gateway, channel, { revoked: id })
}

/** For the admin, and for whoever may make keys: what those of others are does not exist for them. */
async function deskFor(gateway: Gateway, channel: Channel): Promise<KeyDesk & Gateway['ports']> {
  const { snapshot, ports } = gateway
  const minter = await minterOf(snapshot, channel, ports)
  if (!minter) await requireAdmin(gateway, channel)
  return { ...ports, snapshot, minter }
}

async function bodyOf({ snapshot }: Gateway, channel: Channel): Promise<Json | undefined> {
  const text = await readText(channel, snapshot.server.bodyLimit)
  return text === '' ? {} : parseJson(text)
}

/** ms; longer ones are a slip. */
const MOST_OVERLAP = 90 * 86_400_000

function overlapOf(body: Json | undefined): number {
  const { overlap = '0s', ...more }: JsonObject = isObject(body) ? body : { body: null }
  const ms = typeof overlap === 'string' ? parseDuration(overlap) : undefined
  const [unknown = 'overlap'] = Object.keys(more)
  if (ms !== undefined && ms <= MOST_OVERLAP && unknown === 'overlap') return ms
  const message = 'the body must be nothing, or `{ "overlap": "1h" }` with a duration of at most 90 days'
  throw new FailureError(failure('invalid_request_error', message, { param: unknown }))
}

type KeyEvent = Extract<TelemetryEvent, { readonly key: string }>

function told({ ports }: Gateway, { minter }: KeyDesk, event: Omit<KeyEvent, 'by'>): void {
  ports.storedKeys.forget()
  ports.telemetry.event({ ...event, by: minter?.id ?? null })
}
