import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { FailureError } from '#src/core/failure.ts'
import type { Key } from '#src/core/key.ts'
import type { Access, Snapshot } from '#src/core/snapshot.ts'
import { makeSnapshot } from '../../test/support/world.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { authenticate, isAdmin, type Caller, type Origin } from './authenticate.ts'
import { createStoredKeys } from './stored-keys.ts'

const sha256 = (text: string): string => hash('sha256', text)
const clock = createFakeClock()
const PORTS = {
  hash: sha256,
  clock,
  storedKeys: createStoredKeys({ store: createMemoryStore(), clock, isolated: false }),
}
const KEY: Key = { id: 'team-a', tags: [] }
const KEYS: Access = { mode: 'keys', byDigest: new Map([[sha256('sk-good'), KEY]]) }

const snapshotWith = (access: Access, more: Partial<Snapshot> = {}): Snapshot => ({
  ...makeSnapshot(),
  access,
  ...more,
})

function caller(headers: Record<string, string> = {}, origin: Origin = 'loopback'): Caller {
  const all: Record<string, string> = { host: '127.0.0.1:8787', ...headers }
  return { origin, header: (name) => all[name] }
}

async function statusOf(work: Promise<unknown>): Promise<number | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    return error instanceof FailureError ? error.failure.status : -1
  }
}

describe('with keys', () => {
  const enter = (headers: Record<string, string>) => authenticate(snapshotWith(KEYS), caller(headers), PORTS)

  test.each([
    ['bearer', { authorization: 'Bearer sk-good' }],
    ['bearer in another case, with spaces', { authorization: 'bEaReR  sk-good ' }],
    ['the header of Anthropic clients', { 'x-api-key': 'sk-good' }],
    ['the header of Gemini clients', { 'x-goog-api-key': 'sk-good' }],
    ['the same key twice', { authorization: 'Bearer sk-good', 'x-api-key': 'sk-good' }],
  ])('%s is let in', async (_name, headers) => {
    expect(await enter(headers)).toBe(KEY)
  })

  test.each([
    ['nothing', {}],
    ['a wrong key', { authorization: 'Bearer sk-bad' }],
    ['the digest instead of the key', { authorization: `Bearer ${sha256('sk-good')}` }],
    ['another scheme', { authorization: 'Basic sk-good' }],
    ['no scheme', { authorization: 'sk-good' }],
    ['two that disagree', { authorization: 'Bearer sk-good', 'x-api-key': 'sk-bad' }],
    ['an empty one', { 'x-api-key': '' }],
    ['a megabyte', { 'x-api-key': 'k'.repeat(1_000_000) }],
  ])('%s is 401', async (_name, headers) => {
    expect(await statusOf(enter(headers))).toBe(401)
  })
})

describe('open', () => {
  const open = snapshotWith({ mode: 'open' })

  test.each([
    ['a program of this machine', caller(), undefined],
    ['by the name localhost', caller({ host: 'localhost:8787' }), undefined],
    ['over IPv6', caller({ host: '[::1]:8787' }), undefined],
    ['its own page', caller({ origin: 'http://127.0.0.1:8787' }), undefined],
    ['the embedding program', caller({ host: 'anything' }, 'embedded'), undefined],
    ['another host name (rebinding)', caller({ host: 'evil.example' }), 401],
    ['a name that only begins so', caller({ host: '127.0.0.1.evil.example' }), 401],
    ['a foreign page', caller({ origin: 'https://evil.example' }), 401],
    ['somebody behind a proxy', caller({ 'x-forwarded-for': '10.0.0.1' }), 401],
    ['somebody behind a standard proxy', caller({ forwarded: 'for=10.0.0.1' }), 401],
    ['another machine', caller({}, 'network'), 401],
  ])('%s', async (_name, from, status) => {
    expect(await statusOf(authenticate(open, from, PORTS))).toBe(status)
    expect(await isAdmin(open, from, sha256)).toBe(status === undefined && from.origin === 'loopback')
  })
})

describe('admin', () => {
  const withAdmin = snapshotWith(KEYS, { adminDigest: sha256('sk-admin') })

  test('is the bearer of the admin key, and nobody else', async () => {
    expect(await isAdmin(withAdmin, caller({ authorization: 'Bearer sk-admin' }), sha256)).toBe(true)
    expect(await isAdmin(withAdmin, caller({ authorization: 'Bearer sk-good' }), sha256)).toBe(false)
    expect(await isAdmin(withAdmin, caller({ 'x-api-key': 'sk-admin' }), sha256)).toBe(false)
    expect(await isAdmin(withAdmin, caller(), sha256)).toBe(false)
  })

  test('keys without an admin have none, not even on this machine', async () => {
    expect(await isAdmin(snapshotWith(KEYS), caller(), sha256)).toBe(false)
  })

  test('the admin key is no key for models', async () => {
    expect(await statusOf(authenticate(withAdmin, caller({ authorization: 'Bearer sk-admin' }), PORTS))).toBe(401)
  })
})
