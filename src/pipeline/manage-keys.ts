import type { Clock } from '#src/core/clock.ts'
import { badRequest, failure, FailureError } from '#src/core/failure.ts'
import { hexOf, type Hash } from '#src/core/hash.ts'
import { isObject, type Json, type JsonObject } from '#src/core/json.ts'
import { isOver, type Key } from '#src/core/key.ts'
import { BENEATH, widerIn } from '#src/core/narrow.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { compileStored, makeCredential, readStored, type StoredKey } from './stored-keys.ts'

/** Where keys are made and changed, and for whom. */
export interface KeyDesk {
  readonly snapshot: Snapshot
  readonly store: Pick<StateStore, 'notes' | 'note' | 'write' | 'erase' | 'claim' | 'forget'>
  readonly clock: Pick<Clock, 'now'>
  readonly hash: Hash
  /** The key of the file that asks; undefined: the admin. */
  readonly minter: Key | undefined
}

/** In all, so that they can be listed. */
const MOST = 10_000
/** Of what is written of one. */
const MOST_LETTERS = 8192
/** Credentials of one key that are valid at a time. */
const MOST_SECRETS = 8
const SECRET_BYTES = 32
/** ms after which a change that never ended does not keep others out. */
const LOCKED_FOR = 10_000
/** ms. */
const LOCK_RETRY = 500

/** Makes a key of its fields. Its credential is in this answer and nowhere else. Throws FailureError 400. */
export async function createKey(desk: KeyDesk, value: Json | undefined): Promise<JsonObject & { readonly id: string }> {
  const { snapshot, store, clock, minter } = desk
  if (snapshot.access.mode !== 'keys')
    throw badRequest('the configuration has no `keys`, so nobody is asked for one: write `keys: []` and `admin`')
  const key = checked(desk, value, minter)
  return alone(desk, key.id, async () => {
    const all = await store.notes('key')
    if (all.has(key.id) || snapshot.keysById.has(key.id)) throw badRequest(`there is a key \`${key.id}\` already`, 'id')
    const own = minter && [...all.values()].filter((text) => readStored(text).by === minter.id).length
    if (minter && (own ?? 0) >= (minter.mints ?? 0))
      throw badRequest(`\`${minter.id}\` may make ${minter.mints} keys and has them: revoke one`, null)
    if (all.size >= MOST) throw badRequest(`there are ${MOST} keys, as many as may be: revoke one`, null)
    const { secret, digest } = await newSecret(desk)
    const stored = { key, by: minter?.id ?? null, created: clock.now(), secrets: { [digest]: null } }
    await put(desk, stored, digest)
    return { ...shown(desk, stored), secret }
  })
}

/** Those that the asker may see. */
export async function listKeys(desk: KeyDesk): Promise<readonly JsonObject[]> {
  const all = [...(await desk.store.notes('key')).values()].map(readStored)
  return all.filter((stored) => isTheirs(desk, stored)).map((stored) => shown(desk, stored))
}

/** Throws FailureError 404. */
export async function showKey(desk: KeyDesk, id: string): Promise<JsonObject> {
  return shown(desk, await known(desk, id))
}

/** Puts fields in the place of those that it has; null takes one away. Throws FailureError 400, 404. */
export async function changeKey(desk: KeyDesk, id: string, change: Json | undefined): Promise<JsonObject> {
  if (!isObject(change)) throw badRequest('the body must be a JSON object', null)
  return alone(desk, id, async () => {
    const stored = await known(desk, id)
    const members = Object.entries({ ...stored.key, ...change }).filter(([, member]) => member !== null)
    const key = checked(desk, Object.fromEntries(members), minterIn(desk, stored))
    if (key.id !== id) throw badRequest('a key keeps its id', 'id')
    const changed = { ...stored, key }
    await put(desk, changed)
    return shown(desk, changed)
  })
}

/** Another credential; those before are valid for `overlap` ms more. Throws FailureError 400, 404. */
export async function rotateKey(desk: KeyDesk, id: string, overlap: number): Promise<JsonObject> {
  const { store, clock } = desk
  return alone(desk, id, async () => {
    const stored = await known(desk, id)
    const now = clock.now()
    const { secret, digest } = await newSecret(desk)
    const kept = Object.entries(stored.secrets)
      .map(([before, until]) => [before, Math.min(until ?? Infinity, now + overlap)] as const)
      .filter(([, until]) => until > now)
    if (kept.length >= MOST_SECRETS) throw badRequest(`${MOST_SECRETS} credentials of it are valid`, 'overlap')
    const rotated = { ...stored, secrets: { ...Object.fromEntries(kept), [digest]: null } }
    await put(desk, rotated, digest)
    for (const before of Object.keys(stored.secrets))
      if (!(before in rotated.secrets)) await store.erase('key-hash', before)
    return { ...shown(desk, rotated), secret }
  })
}

/** Throws FailureError 404. */
export async function revokeKey(desk: KeyDesk, id: string): Promise<JsonObject> {
  const { store } = desk
  return alone(desk, id, async () => {
    const { secrets } = await known(desk, id)
    await store.erase('key', id)
    for (const digest of Object.keys(secrets)) await store.erase('key-hash', digest)
    return { id, revoked: true }
  })
}

/** Its fields, where they are those of a key that is no wider than the one that makes it. */
function checked({ snapshot, clock }: KeyDesk, value: Json | undefined, minter: Key | undefined): StoredKey['key'] {
  const key = snapshot.readKey(value)
  const wider = minter && widerIn(key, minter)
  if (wider === 'id') throw badRequest(`\`id\` must begin with \`${minter?.id}${BENEATH}\``, wider)
  if (wider === 'tenant' || wider === 'team' || wider === 'user')
    throw badRequest(`\`${wider}\` is not that of \`${minter?.id}\`: leave it out, and it is`, wider)
  if (wider !== undefined) throw badRequest(`\`${wider}\` is more than \`${minter?.id}\` has itself`, wider)
  if (isOver(key, clock.now())) throw badRequest('`expires` is in the past', 'expires')
  const fields = { ...(isObject(value) && value), id: key.id }
  if (JSON.stringify(fields).length > MOST_LETTERS)
    throw badRequest(`a key is at most ${MOST_LETTERS} letters of JSON`, null)
  return fields
}

/** The key under which another one may be; undefined: the admin made it. */
function minterIn({ snapshot: { keysById } }: KeyDesk, { by }: StoredKey): Key | undefined {
  const minter = by === null ? undefined : keysById.get(by)
  if (by !== null && minter?.mints === undefined)
    throw badRequest(`\`${by}\`, which made this key, may make none any more`, null)
  return minter
}

async function known(desk: KeyDesk, id: string): Promise<StoredKey> {
  const text = await desk.store.note('key', id)
  const stored = text === undefined ? undefined : readStored(text)
  if (stored && isTheirs(desk, stored)) return stored
  // Whoever makes keys does not learn which others there are.
  const inFile = !desk.minter && desk.snapshot.keysById.has(id)
  const name = `key \`${id.slice(0, 128)}\``
  throw new FailureError(
    failure('not_found', inFile ? `${name} stands in the configuration: change it there` : `no ${name} was made here`),
  )
}

function isTheirs({ minter }: KeyDesk, { by }: StoredKey): boolean {
  return minter === undefined || by === minter.id
}

/** What anybody may see who may see the key: nothing of its credentials. */
function shown({ snapshot, clock }: KeyDesk, stored: StoredKey): StoredKey['key'] {
  const now = clock.now()
  const key = compileStored(snapshot, stored)
  const idle = snapshot.keysById.has(stored.key.id) ? 'in_file' : 'unusable'
  return {
    ...stored.key,
    minted_by: stored.by,
    created: new Date(stored.created).toISOString(),
    status: key ? (isOver(key, now) ? 'expired' : 'active') : idle,
    credentials: Object.values(stored.secrets).filter((until) => (until ?? Infinity) > now).length,
  }
}

async function newSecret({ hash }: KeyDesk): Promise<{ readonly secret: string; readonly digest: string }> {
  const secret = makeCredential(hexOf(crypto.getRandomValues(new Uint8Array(SECRET_BYTES))))
  return { secret, digest: await hash(secret) }
}

/** What a credential leads to is there before it is its key's: what ends between the two is nobody's. */
async function put({ store }: KeyDesk, stored: StoredKey, digest?: string): Promise<void> {
  if (digest !== undefined) await store.write('key-hash', digest, stored.key.id)
  await store.write('key', stored.key.id, JSON.stringify(stored))
}

/** One change at a time, of a key and of all beneath one: none undoes that another one was revoked. */
async function alone<Answer>({ store, clock }: KeyDesk, key: string, work: () => Promise<Answer>): Promise<Answer> {
  const now = clock.now()
  const lock = { owner: '', kind: 'lock', id: `keys/${key.split(BENEATH)[0]}` } as const
  if ((await store.claim({ ...lock, value: '', expiresAt: now + LOCKED_FOR }, now)) !== undefined)
    throw new FailureError(failure('overloaded', 'another change is under way', { retryAfterMs: LOCK_RETRY }))
  try {
    return await work()
  } finally {
    await store.forget(lock)
  }
}
