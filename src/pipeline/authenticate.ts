import { failure, FailureError } from '#src/core/failure.ts'
import type { Hash } from '#src/core/hash.ts'
import { isOver, type Key } from '#src/core/key.ts'
import type { Clock } from '#src/core/clock.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { isMadeHere, type StoredKeys } from './stored-keys.ts'

/**
 * Where a request comes from. `loopback`: a socket of this machine; `network`: any other socket, and every request to a worker;
 * `embedded`: the program that embeds the gateway calls it itself.
 */
export type Origin = 'loopback' | 'network' | 'embedded'

export interface Caller {
  readonly origin: Origin
  header(name: string): string | undefined
}

/** Longer credentials are nobody's: they are refused before they cost a digest. */
const MAX_CREDENTIAL = 4096

/** What tells whose a credential is. */
export interface Directory {
  readonly hash: Hash
  readonly clock: Pick<Clock, 'now'>
  readonly storedKeys: Pick<StoredKeys, 'find'>
}

/**
 * The key that a caller's credential names; undefined: an open gateway. Throws 401, and 503 where the state cannot say whose it is.
 * The one place where a credential becomes a key: another kind of credential is another source here.
 */
export async function authenticate(
  snapshot: Snapshot,
  caller: Caller,
  { hash, clock, storedKeys }: Directory,
): Promise<Key | undefined> {
  const { access } = snapshot
  if (access.mode === 'none') return undefined
  if (access.mode === 'open') {
    requireNeighbour(caller)
    return undefined
  }
  const credential = credentialOf(caller)
  if (credential === undefined)
    throw unauthorized('no API key was given: send `authorization: Bearer KEY`, `x-api-key` or `x-goog-api-key`')
  const digest = await hash(credential)
  const key = access.byDigest.get(digest) ?? (isMadeHere(credential) && (await storedKeys.find(snapshot, digest)))
  if (!key) throw unauthorized('the API key is not known here')
  return valid(key, clock.now())
}

function valid(key: Key, now: number): Key {
  if (isOver(key, now)) throw unauthorized('the API key has expired')
  return key
}

/** The key of the file that may make others, by its bearer; undefined: the caller has no such key. Throws 401. */
export async function minterOf(
  { access }: Snapshot,
  caller: Caller,
  { hash, clock }: Omit<Directory, 'storedKeys'>,
): Promise<Key | undefined> {
  const bearer = access.mode === 'keys' ? bearerOf(caller) : undefined
  if (access.mode !== 'keys' || bearer === undefined || bearer.length > MAX_CREDENTIAL) return undefined
  const key = access.byDigest.get(await hash(bearer))
  return key?.mints === undefined ? undefined : valid(key, clock.now())
}

/** Whether the caller may see operations other than health and ready: the admin by its key, or anybody next to an open gateway. */
export async function isAdmin(snapshot: Snapshot, caller: Caller, hash: Hash): Promise<boolean> {
  if (snapshot.adminDigest === undefined)
    return snapshot.access.mode === 'open' && caller.origin === 'loopback' && isNeighbour(caller)
  const bearer = bearerOf(caller)
  return bearer !== undefined && bearer.length <= MAX_CREDENTIAL && (await hash(bearer)) === snapshot.adminDigest
}

function requireNeighbour(caller: Caller): void {
  if (caller.origin === 'embedded' || (caller.origin === 'loopback' && isNeighbour(caller))) return
  throw unauthorized(
    'this gateway has no keys, so it answers programs of its own machine only: write `keys` in its configuration',
  )
}

const LOOPBACK_HOSTS = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** A program of this machine, not a web page and not somebody behind a proxy. */
function isNeighbour(caller: Caller): boolean {
  if (caller.header('forwarded') !== undefined || caller.header('x-forwarded-for') !== undefined) return false
  const host = caller.header('host')
  if (host === undefined || !LOOPBACK_HOSTS.has(withoutPort(host))) return false
  const origin = caller.header('origin')
  return origin === undefined || origin === `http://${host}`
}

function withoutPort(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':')
  return (end > 0 ? host.slice(0, end) : host).toLowerCase()
}

function credentialOf(caller: Caller): string | undefined {
  const given = [bearerOf(caller), caller.header('x-api-key'), caller.header('x-goog-api-key')].filter(
    (value) => value !== undefined,
  )
  const [first] = given
  if (given.some((value) => value !== first)) throw unauthorized('two API keys were given and they disagree')
  if (first !== undefined && (first.length === 0 || first.length > MAX_CREDENTIAL))
    throw unauthorized('the API key is not known here')
  return first
}

/** The credential of the `authorization` header; undefined: there is none. Throws 401 for another kind. */
export function bearerOf(caller: Caller): string | undefined {
  const value = caller.header('authorization')
  if (value === undefined) return undefined
  const space = value.indexOf(' ')
  if (space < 0 || value.slice(0, space).toLowerCase() !== 'bearer') {
    throw unauthorized('the `authorization` header is not `Bearer KEY`')
  }
  return value.slice(space + 1).trim()
}

function unauthorized(message: string): FailureError {
  return new FailureError(failure('invalid_api_key', message))
}
