// Laws 3 and 4 over a store that answers a step at once or later, as it comes, and fails as it likes: each attempt is booked once, and nothing stays taken.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { assemble } from '#src/assemble.ts'
import type { Clock } from '#src/core/clock.ts'
import { isObject, parseJson } from '#src/core/json.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { StateUnavailable } from '#src/core/state-unavailable.ts'
import { createWebChannel } from '#src/http/web-channel.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createSqliteStore } from '#src/state/sqlite.ts'
import { createFetchTransport } from '#src/transport/fetch.ts'
import { compile, sha256 } from '../support/gateway.ts'
import { ANSWER, FILE, keyNamed } from '../support/sharing-world.ts'

/** It happens and says so, happens and says nothing, does not happen and nobody knows, or is known to have not happened. */
const END = ['done', 'done', 'done', 'silent', 'lost', 'unsent'] as const
/** After so many turns of the loop, or at once. */
const step = fc.record({ end: fc.constantFrom(...END), turns: fc.option(fc.nat(2), { nil: undefined }) })
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

const failing = fc.constantFrom('allow', 'deny')
const situation = fc.record({
  /** Whoever comes after the last finds state whole and near. */
  steps: fc.array(step, { maxLength: 120 }),
  upstream: fc.array(fc.constantFrom('answers', 'answers', 'answers', 'refuses', 'is down', 'loses a caller'), {
    minLength: 1,
    maxLength: 20,
  }),
  callers: fc.array(fc.constantFrom('a', 'a', 'b'), { minLength: 1, maxLength: 8 }),
  onFailure: fc.record({ budgets: failing, limits: failing }),
  isolated: fc.boolean(),
  /** Whether each shares budgets and limits on other shards than its own. */
  shared: fc.boolean(),
})
type Situation = typeof situation extends fc.Arbitrary<infer One> ? One : never

const KEYS = [
  keyNamed('a', { tenant: 't', budget: { usd: 500, per: 'month' }, limits: { rpm: 1000, concurrency: 50 } }),
  keyNamed('b', { budget: { usd: 2, per: 'day' }, limits: { rpm: 3 } }),
]
const SHARED = {
  limits: [
    { name: 's', rpm: 1000 },
    { name: 'up', providers: ['one'], concurrency: 3 },
  ],
  budgets: [
    { name: 'all', usd: 1000, per: 'total' },
    { name: 'one', providers: ['one'], usd: 600, per: 'total' },
  ],
}
const ACCOUNTS = [
  { shard: 'tenant/t', account: 'key/a', per: 'month' },
  { shard: 'key/b', account: 'key/b', per: 'day' },
  { shard: 'budget/all', account: 'budget/all', per: 'total' },
  { shard: 'budget/one', account: 'budget/one', per: 'total' },
] as const
/** Nothing of these was sent. */
const UNSENT: ReadonlySet<unknown> = new Set(['denied', 'over_budget', 'over_limit', 'unavailable', 'timeout'])

/** ms. The longest pause before another try is shorter, the shortest time that a request may take longer. */
const PAUSE = 10_000

/** Pauses are over soon; what has a time, has it whole, however busy the machine is. */
const hasty: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms < PAUSE ? ms / 250 : ms)
    return () => clearTimeout(timer)
  },
}

/** The store, each of whose steps meets the next fate. */
function fated(near: StateStore, fates: readonly Step[]): StateStore {
  let met = 0
  const meet =
    <Given extends unknown[], Answer>(own: (...given: Given) => Answer | Promise<Answer>) =>
    (...given: Given): Answer | Promise<Answer> => {
      const { end, turns } = fates[met++] ?? { end: 'done' }
      const go = (): Answer | Promise<Answer> => {
        if (end === 'lost') throw new Error('nobody knows')
        if (end === 'unsent') throw new StateUnavailable('x', 'y', { unsent: true })
        const answer = own(...given)
        if (end === 'done') return answer
        const silent = (): never => {
          throw new Error('the answer got lost')
        }
        return answer instanceof Promise ? answer.then(silent) : silent()
      }
      return turns === undefined ? go() : later(turns, go)
    }
  const { admit, leave, withdraw, hold, release, settle, spend, confirm } = near
  return {
    ...near,
    admit: meet(admit),
    leave: meet(leave),
    withdraw: meet(withdraw),
    hold: meet(hold),
    release: meet(release),
    settle: meet(settle),
    spend: meet(spend),
    confirm: meet(confirm),
  }
}

async function later<Answer>(turns: number, go: () => Answer | Promise<Answer>): Promise<Answer> {
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
  return go()
}

/** Asks for all callers at once, and returns when all that was begun for them is over: how many attempts were sent by the log. */
async function askAll(
  store: StateStore,
  { upstream, callers, onFailure, isolated, shared }: Situation,
): Promise<number> {
  const snapshot = await compile({ ...FILE, state: { driver: 'memory', onFailure }, keys: KEYS, ...(shared && SHARED) })
  const calls = callers.map((as) => ({ as, hangUp: new AbortController() }))
  let attempts = 0
  let arrived = 0
  const { app } = assemble(snapshot, {
    store,
    clock: hasty,
    hash: sha256,
    isolated,
    log(line) {
      const record = parseJson(line)
      const made = isObject(record) && Array.isArray(record['attempts']) ? record['attempts'] : []
      attempts += made.filter((one) => isObject(one) && !UNSENT.has(one['outcome'])).length
      if (arrived % 5 === 4) throw new Error('no space is left')
    },
    transport: createFetchTransport(
      async () => {
        const fate = upstream[arrived++ % upstream.length]
        await new Promise(setImmediate)
        if (fate === 'loses a caller') calls[arrived % calls.length]?.hangUp.abort()
        if (fate === 'is down') throw new Error('refused')
        return fate === 'refuses' ? new Response('{}', { status: 500 }) : Response.json(ANSWER)
      },
      () => undefined,
    ),
  })
  const body = JSON.stringify({ model: 'chat', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] })
  const begun = calls.map(({ as, hangUp }) => {
    const { promise, resolve } = Promise.withResolvers<Promise<unknown>>()
    const init = { method: 'POST', headers: { authorization: `Bearer ${as}` }, body, signal: hangUp.signal }
    const request = new Request('http://tutti/v1/chat/completions', init)
    // A caller that hung up gets no answer.
    void app.fetch(request, {
      channel: createWebChannel(request, 'network'),
      waitUntil: (work) => resolve(work.then(() => undefined)),
    })
    return promise
  })
  await Promise.all(begun)
  return attempts
}

const folder = mkdtempSync(join(tmpdir(), 'tutti-near-'))
afterAll(() => rmSync(folder, { recursive: true }))
let opened = 0
const RUNS = { memory: 800, sqlite: 60 } as const

describe.each(['memory', 'sqlite'] as const)('%s', (driver) => {
  test('each attempt is booked once, and nothing is held or taken when all is over', async () => {
    let booked = 0
    await fc.assert(
      fc.asyncProperty(situation, async (one) => {
        const memory = driver === 'memory' ? createMemoryStore() : undefined
        const near = memory ?? createSqliteStore(join(folder, `${opened++}.db`))
        const sent = await askAll(fated(near, one.steps), one)
        const { rows: all } = await near.ledger({ most: 1000 })
        // The others say what was booked on another shard than the caller's.
        const rows = all.filter(({ paid }) => paid)
        assert.equal(rows.length, sent)
        assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length)
        const spends = await Promise.all(
          ACCOUNTS.map(async ({ shard, account, per }) => {
            const line = { account, per, limit: 0n, ends: 0 }
            return (await near.spend({ shard, lines: [line] }, Date.now()))[0]
          }),
        )
        assert.deepEqual(
          spends.map((spend) => spend?.held),
          [0n, 0n, 0n, 0n],
        )
        const paid = rows.reduce((sum, { bill }) => sum + bill, 0n)
        assert.equal(spends[2]?.spent, one.shared ? paid : 0n)
        if (memory) assert.deepEqual([memory.size().slots, memory.size().holds], [0, 0])
        booked += rows.length
        await near.close()
      }),
      { numRuns: RUNS[driver] },
    )
    expect(booked).toBeGreaterThan(RUNS[driver])
  })
})
