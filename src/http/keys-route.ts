import { readOverlap } from '#src/config/made-key.ts'
import { parseJson, type Json, type JsonObject } from '#src/core/json.ts'
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
import type { KeyEvent } from '#src/telemetry/telemetry.ts'
import type { Channel } from './channel.ts'
import { notHere } from './deny-route.ts'
import { operate } from './operate.ts'
import { requireAdmin, sendJson } from './operations.ts'
import { readText } from './receive.ts'

interface Asked {
  readonly id: string
  readonly body: Json | undefined
}

/** What may be done with keys at a path, and what the log calls it; absent: nothing is changed. */
interface KeyWork {
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  readonly path: string
  readonly event?: KeyEvent['event']
  run(desk: KeyDesk, asked: Asked): Promise<JsonObject & { readonly id?: string }>
}

export const KEY_WORK: readonly KeyWork[] = [
  { method: 'post', path: '/-/keys', event: 'key_made', run: (desk, { body }) => createKey(desk, body) },
  { method: 'get', path: '/-/keys', run: async (desk) => ({ keys: await listKeys(desk) }) },
  { method: 'get', path: '/-/keys/:id', run: (desk, { id }) => showKey(desk, id) },
  {
    method: 'patch',
    path: '/-/keys/:id',
    event: 'key_changed',
    run: (desk, { id, body }) => changeKey(desk, id, body),
  },
  { method: 'delete', path: '/-/keys/:id', event: 'key_revoked', run: (desk, { id }) => revokeKey(desk, id) },
  {
    method: 'post',
    path: '/-/keys/:id/rotate',
    event: 'key_rotated',
    run: (desk, { id, body }) => rotateKey(desk, id, readOverlap(body)),
  },
]

/**
 * For the admin, and for whoever may make keys: what those of others are does not exist for them. What was changed counts here at once, and
 * elsewhere within a second.
 */
export async function keysRoute(
  gateway: Gateway,
  channel: Channel,
  { id, work: { method, path, event, run } }: { readonly id: string; readonly work: KeyWork },
): Promise<void> {
  const { snapshot, ports } = gateway
  const minter = await minterOf(snapshot, channel, ports)
  if (!minter) await requireAdmin(gateway, channel)
  const { durable } = ports.store
  if (event && ports.isolated && !durable) throw notHere('keys that are made need')
  const text = event ? await readText(channel, snapshot.server.bodyLimit) : ''
  const desk = { ...ports, snapshot, minter }
  const work = async (): Promise<JsonObject> => {
    const done = await run(desk, { id, body: text === '' ? {} : parseJson(text) })
    if (event) {
      ports.storedKeys.forget()
      ports.telemetry.event({ event, key: done.id ?? id, by: minter?.id ?? null })
    }
    return { ...done, survives_restart: durable }
  }
  if (method === 'post') await operate(gateway, channel, { asked: [path, id, text], work })
  else sendJson(gateway, channel, await work())
}
