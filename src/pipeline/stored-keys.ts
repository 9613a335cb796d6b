import type { Clock } from '#src/core/clock.ts'
import { failure, FailureError } from '#src/core/failure.ts'
import type { Key, WrittenKey } from '#src/core/key.ts'
import { createRecentlyUsed } from '#src/core/recently-used.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { StateStore } from '#src/core/state-store.ts'

/** As the store has it. */
export interface StoredKey extends WrittenKey {
  /** ms since 1970. */
  readonly created: number
  /** By the SHA-256 of a credential: ms since 1970 from which on it is not valid any more; null: nothing ends it. */
  readonly secrets: Readonly<Record<string, number | null>>
}

/** Keys of the store, as every instance reads them. */
export interface StoredKeys {
  /** Whose a credential is, by its SHA-256. What the store says is believed for a second. Throws FailureError 503. */
  find(snapshot: Snapshot, digest: string): Promise<Key | undefined>
  /** What was read before is read again. */
  forget(): void
}

/** ms. */
const FRESH = 1000
/** Credentials that are remembered, of those that are somebody's and of the others. */
const MOST = 10_000
/** Others for which the store is asked in a second: whoever guesses does not keep it busy. */
const MOST_ASKED = 1000

const PREFIX = 'tutti_'
/** In hexadecimal digits. */
const LENGTH = 64

/** Whether a credential may be one of `makeCredential`: for any other the store is not asked. */
export function isMadeHere(credential: string): boolean {
  return credential.startsWith(PREFIX) && credential.length === PREFIX.length + LENGTH
}

/** `random`: 32 bytes in hexadecimal. */
export function makeCredential(random: string): string {
  return PREFIX + random
}

interface Entry {
  readonly at: number
  /** How often everything was forgotten before it was read. */
  readonly round: number
  readonly text: string | undefined
  readonly stored: StoredKey | undefined
  made?: { readonly minter: Key | undefined; readonly key: Key | undefined }
}

interface Sources {
  readonly store: Pick<StateStore, 'note'>
  readonly clock: Pick<Clock, 'now'>
  /** What one request asked for ends with it, so that no other waits for it. */
  readonly isolated: boolean
}

export function createStoredKeys({ store, clock, isolated }: Sources): StoredKeys {
  const known = createRecentlyUsed<Entry>(MOST)
  const others = createRecentlyUsed<Entry>(MOST)
  const reading = new Map<string, Promise<Entry>>()
  let round = 0
  let second = 0
  let asked = 0

  async function read(digest: string, before: Entry | undefined): Promise<Entry> {
    const begun = { at: clock.now(), round }
    const id = await store.note('key-hash', digest)
    const text = id === undefined ? undefined : await store.note('key', id)
    const entry =
      before?.text === text && before
        ? { ...before, ...begun }
        : { ...begun, text, stored: text === undefined ? text : readStored(text) }
    const isKnown = text !== undefined || known.get(digest) !== undefined
    ;(isKnown ? known : others).set(digest, entry)
    return entry
  }

  /** Those who come together ask once. */
  async function readOnce(digest: string, before: Entry | undefined): Promise<Entry> {
    try {
      if (isolated) return await read(digest, before)
      const under = reading.get(digest) ?? read(digest, before).finally(() => reading.delete(digest))
      reading.set(digest, under)
      return await under
    } catch (cause) {
      throw new FailureError(failure('state_unavailable', 'the state does not answer', { cause, retryAfterMs: FRESH }))
    }
  }

  function countOther(now: number): void {
    const current = Math.floor(now / FRESH)
    asked = current === second ? asked + 1 : 1
    second = current
    if (asked <= MOST_ASKED) return
    throw new FailureError(failure('overloaded', 'too many API keys are tried in vain', { retryAfterMs: FRESH }))
  }

  return {
    async find(snapshot, digest) {
      const now = clock.now()
      const somebodys = known.get(digest)
      let entry = somebodys ?? others.get(digest)
      // A clock that is set back keeps nothing alive.
      if (!entry || entry.round !== round || Math.abs(now - entry.at) >= FRESH) {
        if (!somebodys && !reading.has(digest)) countOther(now)
        entry = await readOnce(digest, entry)
      }
      return keyIn(entry, snapshot, { digest, now })
    },
    forget() {
      round++
      reading.clear()
    },
  }
}

/** One key for what is written under one minter: what is compiled for a key is kept by it. */
function keyIn(entry: Entry, snapshot: Snapshot, { digest, now }: { digest: string; now: number }): Key | undefined {
  const { stored } = entry
  const until = stored?.secrets[digest]
  if (!stored || until === undefined || (until ?? Infinity) <= now || snapshot.keysById.has(stored.key.id))
    return undefined
  const minter = snapshot.keysById.get(stored.by ?? '')
  if (!entry.made || entry.made.minter !== minter) entry.made = { minter, key: compileStored(snapshot, stored) }
  return entry.made.key
}

export function readStored(text: string): StoredKey {
  const stored: StoredKey = JSON.parse(text)
  return stored
}

/**
 * A key under a configuration. undefined: it has none there, because it has a key of that id or none that may have made this one, or because
 * another version wrote it.
 */
export function compileStored(
  { keysById, readKey }: Snapshot,
  { key, by, created }: WrittenKey & Partial<Pick<StoredKey, 'created'>>,
): Key | undefined {
  const minter = by === null ? undefined : keysById.get(by)
  if (keysById.has(key.id) || (by !== null && minter?.mints === undefined)) return undefined
  try {
    return { ...mintedBy(readKey(key), minter), ...(created !== undefined && { made: created }), written: { key, by } }
  } catch {
    return undefined
  }
}

/** Beneath the key that makes it, of which it has who it is, also where that is nobody's any more. */
export function mintedBy(own: Key, minter: Key | undefined): Key {
  if (!minter) return own
  const { tenant: _tenant, team: _team, user: _user, strict: _strict, ...narrowed } = own
  const {
    id: _id,
    models: _models,
    budget: _budget,
    limits: _limits,
    expires: _expires,
    mints: _mints,
    ...who
  } = minter
  return { ...narrowed, ...who, mintedBy: minter }
}
