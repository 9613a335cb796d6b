// What becomes of requests while the state that instances share does not answer: each feature as docs/state.md says.
import { expect, test } from 'vitest'
import { createGateway } from '#src/index.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { StateUnavailable } from '#src/core/state-unavailable.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { sha256, startGateway } from '../support/gateway.ts'
import { until } from '../support/redis.ts'
import { ANSWER, deny, keyNamed, openSharing, type SharingWorld } from '../support/sharing-world.ts'
import { startUpstream } from '../support/upstream.ts'

const MODEL = { developer: 'x', lineage: [], price: { input: 0, output: 1_000_000 } }

type Step = 'admit' | 'hold' | 'settle' | 'spend' | 'leave' | 'release' | 'withdraw'

const KEYS = [keyNamed('a', { budget: { usd: 5, per: 'total' }, limits: { rpm: 3 } })]
/** What it asks for is held by a step of its own. */
const BUDGETED = [keyNamed('a', { budget: { usd: 5, per: 'total' } })]
const SPENT = { shard: 'key/a', lines: [{ account: 'key/a', per: 'total', ends: Infinity }] } as const

/** Those steps fail until the answer is called. */
function fail({ store }: SharingWorld, ...steps: Step[]): () => void {
  const whole: StateStore = { ...store }
  for (const step of steps)
    store[step] = () => {
      throw new Error('redis://user:secret@host refused')
    }
  return () => Object.assign(store, whole)
}

const DOWN: readonly Step[] = ['admit', 'hold', 'settle', 'spend', 'leave', 'release', 'withdraw']

test('a budget that cannot be held denies, unless the file says otherwise: 503 with the seconds to wait, and nothing is sent', async () => {
  const world = await openSharing({ keys: KEYS })
  const mend = fail(world, ...DOWN)
  const told = await world.ask('a')
  expect(told).toMatch(/^503 state_unavailable budgets cannot be counted at the moment: .* 1$/)
  expect(told).not.toContain('secret')
  expect(world.log[0]?.['attempts']).toMatchObject([{ outcome: 'unavailable' }, { outcome: 'unavailable' }])
  mend()
  expect(world.store.spend(SPENT, Date.now())).toEqual([{ spent: 0n, held: 0n }])
  expect(await world.ask('a')).toBe('one')
})

test('limits that cannot be counted let it through, unless the file says otherwise', async () => {
  const keys = [keyNamed('a', { limits: { rpm: 3 } })]
  const open = await openSharing({ keys })
  fail(open, 'admit', 'withdraw')
  expect(await open.ask('a')).toBe('one')
  const shut = await openSharing({ keys, state: { onFailure: { limits: 'deny' } } })
  fail(shut, 'admit', 'withdraw')
  expect(await shut.ask('a')).toMatch(/^503 state_unavailable limits cannot be counted/)
})

test('a request of which nobody knows whether it was let in is taken back', async () => {
  const keys = [keyNamed('a', { limits: { rpm: 1 } })]
  const world = await openSharing({ keys, state: { onFailure: { limits: 'deny' } } })
  const { admit } = world.store
  world.store.admit = (admission) => {
    void admit(admission)
    throw new Error('the answer got lost')
  }
  expect(await world.ask('a')).toMatch(/^503/)
  world.store.admit = admit
  expect([await world.ask('a'), (await world.ask('a')).slice(0, 3)]).toEqual(['one', '429'])
})

test('with `budgets: allow` it is sent without a hold, and its bill is booked all the same', async () => {
  const world = await openSharing({ keys: BUDGETED, state: { onFailure: { budgets: 'allow' } } })
  fail(world, 'hold', 'spend')
  expect(await world.ask('a')).toBe('one')
  const { rows } = await world.store.ledger({ most: 9 })
  expect(rows.map(({ bill, paid }) => [bill, paid?.key, paid?.target])).toEqual([[1_000_000_000n, 'a', 'one/m']])
})

test('a hold of which nobody knows whether it happened is given back', async () => {
  const world = await openSharing({ keys: BUDGETED })
  const { hold } = world.store
  world.store.hold = (request) => {
    void hold(request)
    throw new Error('the answer got lost')
  }
  expect(await world.ask('a')).toMatch(/^503/)
  expect(world.store.spend(SPENT, Date.now())).toEqual([{ spent: 0n, held: 0n }])
})

test('a bill whose answer got lost is booked once, and the caller has its answer meanwhile', async () => {
  const world = await openSharing({ keys: KEYS })
  const { settle } = world.store
  let failures = 1
  world.store.settle = (settlement) => {
    const settled = settle(settlement)
    if (failures-- > 0) throw new Error('the answer got lost')
    return settled
  }
  expect(await world.ask('a')).toBe('one')
  expect(world.store.spend(SPENT, Date.now())).toEqual([{ spent: 1_000_000_000n, held: 0n }])
})

test('what is denied while room is made counts before anything is sent, and the room is given back', async () => {
  const world = await openSharing({ keys: BUDGETED, admin: { sha256: sha256('boss') } })
  // Denials need state that instances share.
  Object.assign(world.store, { durable: true })
  const { hold } = world.store
  world.store.hold = async (request) => {
    const held = await hold(request)
    world.store.hold = hold
    await deny(world, { provider: 'one' })
    return held
  }
  expect(await world.ask('a')).toBe('two')
  expect(world.log[0]?.['attempts']).toMatchObject([
    { target: 'one/m', outcome: 'denied' },
    { target: 'two/m', outcome: 'answered' },
  ])
  expect(world.store.spend(SPENT, Date.now())).toEqual([{ spent: 1_000_000_000n, held: 0n }])
})

test('a slot that cannot be given back on one shard is given back on the others', async () => {
  const limits = [{ name: 'all', concurrency: 1 }]
  const world = await openSharing({ keys: [keyNamed('a', { limits: { concurrency: 5 } })], limits })
  const { leave } = world.store
  world.store.leave = (step, tokens, now) => {
    if (step.shard === 'key/a') throw new Error('reset')
    return leave(step, tokens, now)
  }
  expect([await world.ask('a'), await world.ask('a')]).toEqual(['one', 'one'])
})

test('what was never sent to the state is not given back, what was before it is', async () => {
  const limits = [{ name: 'all', concurrency: 1 }]
  const budgets = [{ name: 'all', usd: 5, per: 'total' }]
  const keys = [keyNamed('a', { limits: { concurrency: 1 }, budget: { usd: 5, per: 'total' } })]
  const world = await openSharing({ keys, limits, budgets, state: { onFailure: { limits: 'deny' } } })
  const given: string[] = []
  const { withdraw, release, admit, hold } = world.store
  Object.assign(world.store, {
    withdraw(...asked: Parameters<typeof withdraw>) {
      given.push(`withdraw ${asked[0].shard}`)
      return withdraw(...asked)
    },
    release(...asked: Parameters<typeof release>) {
      given.push(`release ${asked[0].shard}`)
      return release(...asked)
    },
  } satisfies Partial<StateStore>)
  const unsentAt = <Asked extends { shard: string }, Answer>(at: string, step: (asked: Asked) => Answer) => {
    return (asked: Asked): Answer => {
      if (asked.shard === at) throw new StateUnavailable('redis', 'not asked again', { unsent: true })
      return step(asked)
    }
  }
  world.store.admit = unsentAt('key/a', admit)
  expect(await world.ask('a')).toMatch(/^503/)
  expect(given.splice(0)).toEqual([])
  world.store.admit = unsentAt('limits/all', admit)
  expect(await world.ask('a')).toMatch(/^503/)
  expect(given.splice(0)).toEqual(['withdraw key/a'])
  world.store.admit = admit
  world.store.hold = unsentAt('budget/all', hold)
  expect(await world.ask('a')).toMatch(/^503/)
  // An attempt at each of both.
  expect(given.splice(0)).toEqual(['release key/a', 'release key/a'])
})

test('a slot whose return fails is given back behind the answer, also in a library', async () => {
  const world = await openSharing({ keys: [keyNamed('a', { limits: { concurrency: 1 } })] })
  const { leave } = world.store
  world.store.leave = () => {
    world.store.leave = leave
    throw new Error('reset')
  }
  expect([await world.ask('a'), (await world.ask('a')).slice(0, 3)]).toEqual(['one', '429'])
  await until(async () => (await world.ask('a')) === 'one')
})

test('nothing is sent for which room came too late: the caller has waited all its time', async () => {
  const world = await openSharing({
    keys: BUDGETED,
    models: { chat: { targets: ['one/m'], timeouts: { total: '30ms' } } },
  })
  const { hold } = world.store
  world.store.hold = async (request) => {
    const held = await hold(request)
    await new Promise((resolve) => setTimeout(resolve, 60))
    return held
  }
  expect(await world.ask('a')).toMatch(/^504 /)
  expect(world.sent).toEqual([])
  expect(world.store.spend(SPENT, Date.now())).toEqual([{ spent: 0n, held: 0n }])
  expect((await world.store.ledger({ most: 9 })).rows).toEqual([])
})

test('a stored answer that cannot be looked up is a 503 with the seconds to wait, and says nothing of where state is', async () => {
  const { gateway, store } = await openSharing({ keys: KEYS })
  store.recall = () => {
    throw new StateUnavailable('redis.internal:6379', 'there is no connection')
  }
  const body = JSON.stringify({ model: 'chat', previous_response_id: 'resp_1', input: 'hi' })
  const init = { method: 'POST', headers: { authorization: 'Bearer a' }, body }
  const response = await gateway.fetch(new Request('http://tutti/v1/responses', init))
  const { error } = await response.json()
  expect([response.status, error.code, response.headers.get('retry-after')]).toEqual([503, 'state_unavailable', '1'])
  expect(error.message).toBe('the state does not answer: there is no connection')
})

test('an answer waits for nothing that is still to be booked of what a guard asked', async () => {
  const models = { m: MODEL, mod: { ...MODEL, capabilities: ['moderation'] } }
  const one = { type: 'openai-compatible', apiKey: 'k', baseUrl: 'https://one.example/v1', models }
  const store: StateStore = createMemoryStore()
  let asked = 0
  store.settle = () => {
    asked++
    throw new Error('reset')
  }
  const gateway = await createGateway(
    {
      version: 1,
      providers: { one },
      models: { chat: { targets: ['one/m'] } },
      keys: BUDGETED,
      policies: [{ name: 'clean', guard: { moderation: { model: 'one/mod' } } }],
    },
    {
      state: store,
      fetch: async (url) =>
        Response.json(url.endsWith('/moderations') ? { id: 'm', results: [{ flagged: false }] } : ANSWER),
    },
  )
  const body = JSON.stringify({ model: 'chat', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] })
  const init = { method: 'POST', headers: { authorization: 'Bearer a' }, body }
  const response = await gateway.fetch(new Request('http://tutti/v1/chat/completions', init))
  expect(response.status).toBe(200)
  expect(asked).toBeGreaterThan(1)
  // Nothing is tried again once it is closed.
  await gateway.close()
  const before = asked
  await new Promise((resolve) => setTimeout(resolve, 1200))
  expect(asked).toBe(before)
})

const ALL = { name: 'all', usd: 50, per: 'total' }

/** A gateway on a port, whose state books no bill before it is let. */
async function bookedLate() {
  const upstream = await startUpstream((_, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(ANSWER))
  })
  const store: StateStore = createMemoryStore()
  const { settle } = store
  const booking = Promise.withResolvers<void>()
  store.settle = async (settlement) => {
    await booking.promise
    // What lies elsewhere is booked later still.
    if (settlement.shard !== 'key/a') await new Promise((resolve) => setTimeout(resolve, 30))
    return settle(settlement)
  }
  const models = { m: MODEL }
  const one = { type: 'openai-compatible', apiKey: 'k', local: true, baseUrl: upstream.url, models }
  const file = { version: 1, providers: { one }, models: { chat: { targets: ['one/m'] } }, keys: KEYS, budgets: [ALL] }
  return { gateway: await startGateway(file, { store }), store, upstream, book: booking.resolve }
}

test('on a server an answer waits for no bill, and a drain does', async () => {
  const { gateway, store, upstream, book } = await bookedLate()
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer a' },
    body: JSON.stringify({ model: 'chat', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] }),
  })
  await response.text()
  expect(response.status).toBe(200)
  expect(await store.spend(SPENT, Date.now())).toEqual([{ spent: 0n, held: 1_000_000_000n }])
  const order: string[] = []
  const closed = gateway.close().then(() => order.push('closed'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  order.push('booked')
  book()
  await closed
  expect(order).toEqual(['booked', 'closed'])
  const all = { shard: 'budget/all', lines: [{ account: 'budget/all', per: 'total', ends: Infinity }] } as const
  for (const of of [SPENT, all])
    expect(await store.spend(of, Date.now())).toEqual([{ spent: 1_000_000_000n, held: 0n }])
  await upstream.close()
})

test('in a library, whose program may stop when the answer has ended, the bill is booked before', async () => {
  const world = await openSharing({ keys: KEYS })
  const { settle } = world.store
  const order: string[] = []
  world.store.settle = async (settlement) => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    order.push('booked')
    return settle(settlement)
  }
  await world.ask('a').then(() => order.push('answered'))
  expect(order).toEqual(['booked', 'answered'])
})

test.each([
  ['deny', /^503 state_unavailable limits/, 0n],
  ['allow', /^one$/, 1_000_000_000n],
] as const)('let in and held in one step whose answer got lost, limits: %s', async (limits, told, spent) => {
  const world = await openSharing({ keys: KEYS, state: { onFailure: { limits } } })
  const { admit } = world.store
  world.store.admit = (admission) => {
    expect(admission.hold).toMatchObject({ amount: 1_000_000_000n })
    void admit(admission)
    throw new Error('the answer got lost')
  }
  expect(await world.ask('a')).toMatch(told)
  expect(world.store.spend(SPENT, Date.now())).toEqual([{ spent, held: 0n }])
})

test('the same, and its hold is asked for once more in vain: what it may have held is given back', async () => {
  const world = await openSharing({ keys: KEYS, state: { onFailure: { limits: 'allow', budgets: 'deny' } } })
  const { admit } = world.store
  Object.assign(world.store, {
    admit(admission: Parameters<typeof admit>[0]) {
      void admit(admission)
      throw new Error('the answer got lost')
    },
    hold() {
      throw new StateUnavailable('there', 'it is not reached', { unsent: true })
    },
  })
  expect(await world.ask('a')).toMatch(/^503 state_unavailable budgets/)
  expect(world.store.spend(SPENT, Date.now())).toEqual([{ spent: 0n, held: 0n }])
})

test('what was held for an attempt that is not made is given back, also where nobody knows whether it was', async () => {
  const world = await openSharing({ keys: KEYS, admin: { sha256: sha256('boss') } })
  Object.assign(world.store, { durable: true })
  const { admit } = world.store
  world.store.admit = async (admission) => {
    await admit(admission)
    await deny(world, { model: 'm' })
    throw new Error('the answer got lost')
  }
  expect(await world.ask('a')).toMatch(/^403 /)
  expect(world.store.spend(SPENT, Date.now())).toEqual([{ spent: 0n, held: 0n }])
})

test('what is denied once a request is let in counts, and what was held for it is given back', async () => {
  const world = await openSharing({ keys: KEYS, admin: { sha256: sha256('boss') } })
  Object.assign(world.store, { durable: true })
  const { admit } = world.store
  world.store.admit = async (admission) => {
    const admitted = await admit(admission)
    expect(admitted).toMatchObject({ ok: true, held: { ok: true } })
    await deny(world, { provider: 'one' })
    return admitted
  }
  expect(await world.ask('a')).toBe('two')
  expect(world.store.spend(SPENT, Date.now())).toEqual([{ spent: 1_000_000_000n, held: 0n }])
})
