// Budgets that some share: who they cover, who is held by them, and that one which has no room leaves nothing held on the others.
import { describe, expect, test } from 'vitest'
import { linesAt } from '#src/accounting/payer.ts'
import { keyNamed as key, openSharing } from '../support/sharing-world.ts'

const KEYS = [
  key('a1', { tenant: 'a', team: 'search', user: 'kim' }),
  key('a2', { tenant: 'a', team: 'maps', user: 'kim', tags: ['batch'] }),
  key('b1', { tenant: 'b', team: 'search', user: 'lee' }),
  key('own', { budget: { usd: 10, per: 'total' } }),
]

const open = (budgets: readonly object[], more: object = { keys: KEYS }) => openSharing({ budgets, ...more })

const OVER = (whose: string) => expect.stringMatching(new RegExp(`^429 budget_exceeded .*budget of \`${whose}\``))

describe('a budget', () => {
  test.each([
    ['of everybody', { name: 's' }, ['a1', 'b1', 'own'], 'a2'],
    ['of a tenant', { name: 's', subjects: { tenants: ['a'] } }, ['a1', 'a2', 'a1'], 'a2', 'b1'],
    ['of a team, across tenants', { name: 's', subjects: { teams: ['search'] } }, ['a1', 'b1', 'a1'], 'b1', 'a2'],
    ['of a user', { name: 's', subjects: { users: ['kim'] } }, ['a1', 'a2', 'a1'], 'a2', 'b1'],
    ['of a tag', { name: 's', subjects: { tags: ['batch'] } }, ['a2', 'a2', 'a2'], 'a2', 'a1'],
    ['of a key', { name: 's', subjects: { keys: ['b1'] } }, ['b1', 'b1', 'b1'], 'b1', 'a1'],
    ['of each tenant', { name: 's', each: 'tenant' }, ['a1', 'a2', 'a1', 'b1'], 'a2', 'b1'],
    ['of each user', { name: 's', each: 'user' }, ['a1', 'a2', 'a1', 'b1'], 'a1', 'b1'],
    ['of each key', { name: 's', each: 'key' }, ['a1', 'a1', 'a1', 'a2'], 'a1', 'a2'],
    ['of each team, for whoever is of one', { name: 's', each: 'team' }, ['a1', 'b1', 'a1', 'own'], 'b1', 'own'],
  ] as const)('%s', async (_what, budget, pay, refused, free?: string) => {
    const { ask } = await open([{ ...budget, usd: 3, per: 'total' }])
    for (const one of pay) expect(await ask(one)).toBe('one')
    expect(await ask(refused)).toEqual(OVER('s'))
    if (free !== undefined) expect(await ask(free)).toBe('one')
  })

  test('of nobody in particular counts on a gateway without keys, one with subjects does not', async () => {
    const all = await open([{ name: 's', usd: 1, per: 'total' }], {})
    expect(await all.ask('')).toBe('one')
    expect(await all.ask('')).toEqual(OVER('s'))
    const each = await open([{ name: 's', usd: 0, per: 'total', each: 'key' }], {})
    expect(await each.ask('')).toBe('one')
  })

  test('of a provider: the next target of the plan is asked', async () => {
    const { ask } = await open([{ name: 's', providers: ['one'], usd: 1, per: 'total' }])
    expect([await ask('a1'), await ask('b1')]).toEqual(['one', 'two'])
    expect(await ask('a1', 'other')).toEqual(OVER('s'))
  })

  test('of a model counts its name, and its targets where they are asked for by others', async () => {
    const named = await open([{ name: 's', models: ['oth*'], usd: 1, per: 'total' }])
    expect([await named.ask('a1', 'other'), await named.ask('a1')]).toEqual(['one', 'one'])
    expect(await named.ask('b1', 'other')).toEqual(OVER('s'))
    const target = await open([{ name: 's', models: ['one/m'], usd: 1, per: 'total' }])
    expect([await target.ask('a1', 'one/m'), await target.ask('a1')]).toEqual(['one', 'two'])
  })

  test('of several that are short the first in the file is named, the key’s own before all', async () => {
    const budgets = [
      { name: 'x', usd: 0, per: 'total' },
      { name: 'y', usd: 0, per: 'total' },
    ]
    const keys = [key('poor', { budget: { usd: 0, per: 'day' } }), key('a1')]
    const { ask } = await open(budgets, { keys })
    expect(await ask('a1')).toEqual(OVER('x'))
    expect(await ask('poor')).toContain('budget of key `poor`')
  })
})

test('where a budget has no room at the last moment, nothing stays held on those before it, and the next target is asked', async () => {
  const budgets = [
    { name: 'tenants', each: 'tenant', usd: 5, per: 'total' },
    { name: 'one', providers: ['one'], usd: 5, per: 'total' },
  ]
  const limits = [{ name: 'up', providers: ['one'], rpm: 1 }]
  const { ask, store } = await open(budgets, { keys: KEYS, limits })
  // Somebody else comes between the look at the budgets and the hold.
  const { spend } = store
  const line = (account: string) => linesAt([{ account, limit: 5_000_000_000n, per: 'total' }], Date.now())
  store.spend = (of, now) => {
    const seen = spend(of, now)
    const other = { shard: 'budget/one', lines: line('budget/one'), amount: 5_000_000_000n, now, expiresAt: now + 1e6 }
    void store.hold({ ...other, id: 'other' })
    return seen
  }
  expect(await ask('a1')).toBe('two')
  const lines = [...line('budget/tenants/a'), ...line('budget/one')]
  expect(spend({ shard: '', lines }, Date.now())).toEqual([
    { spent: 1_000_000_000n, held: 0n },
    { spent: 0n, held: 5_000_000_000n },
  ])
  // Nor has it used up what a gate lets through.
  store.spend = spend
  await store.settle({
    id: 'other',
    shard: 'budget/one',
    lines: line('budget/one'),
    bill: 0n,
    now: Date.now(),
    notAfter: Infinity,
  })
  expect(await ask('a1', 'other')).toBe('one')
})

test('a name of half a letter stops nobody', async () => {
  const keys = [key('k', { user: '\ud83d' })]
  const { ask } = await open([{ name: 's\ud83d', each: 'user', usd: 1, per: 'total' }], { keys })
  expect([await ask('k'), (await ask('k')).slice(0, 3)]).toEqual(['one', '429'])
})

test('names that hold a slash are no other’s', async () => {
  const keys = [key('k', { user: 'c' }), key('l')]
  const budgets = [
    { name: 'b/c', usd: 1, per: 'total' },
    { name: 'b', each: 'user', usd: 2, per: 'total' },
  ]
  const { ask, store } = await open(budgets, { keys })
  await ask('k')
  const accounts = ['budget/b%2Fc', 'budget/b/c']
  const lines = linesAt(
    accounts.map((account) => ({ account, limit: 1n, per: 'total' })),
    0,
  )
  const spends = store.spend({ shard: '', lines }, 0)
  expect(spends).toEqual([
    { spent: 1_000_000_000n, held: 0n },
    { spent: 1_000_000_000n, held: 0n },
  ])
})

test('explain and the log say what was spent by whom', async () => {
  const { gateway } = await open([{ name: 's', usd: 0.5, per: 'total', timeZone: 'Asia/Seoul' }])
  const decision = await gateway.explain({
    endpoint: '/v1/chat/completions',
    body: { model: 'chat', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] },
    key: 'own',
  })
  expect(decision).toMatchObject({
    candidates: [{ verdict: 'over_budget', code: 'budget_exceeded' }, { verdict: 'over_budget' }],
    inputs: { spend: { 'key/own': { spent: '0', held: '0' }, 'budget/s': { spent: '0', held: '0' } } },
  })
})
