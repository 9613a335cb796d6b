import { expect, test } from 'vitest'
import type { Held, HoldRequest } from '#src/core/state-store.ts'
import { StateUnavailable } from '#src/core/state-unavailable.ts'
import { createDurableStore, stateOf } from './durable-store.ts'
import { createMemoryStore } from './memory.ts'

const REQUEST: HoldRequest = {
  id: 'a',
  shard: 'key/k',
  lines: [{ account: 'key/k', per: 'total', ends: Infinity, limit: 10n }],
  amount: 10n,
  now: 0,
  expiresAt: 1000,
}

/** Objects whose holds fail as the platform does it, after they happened, as often as there are errors. */
function failing(errors: readonly object[]) {
  const memory = createMemoryStore()
  const left = errors.map((properties) => Object.assign(new Error('of the platform'), properties))
  let asked = 0
  const hold = async (request: HoldRequest): Promise<Held> => {
    asked++
    const held = await memory.hold(request)
    const error = left.shift()
    if (error) throw error
    return held
  }
  const store = stateOf({ getByName: () => ({ hold }) })
  if (!store) throw new Error('it is a namespace')
  return { store, asked: () => asked, memory }
}

test.each([
  ['one that may be repeated', { retryable: true }],
  ['an object that was replaced', { durableObjectReset: true }],
])('%s: the step is repeated once, under its id', async (_name, error) => {
  const { store, asked, memory } = failing([error])
  expect(await store.hold(REQUEST)).toEqual({ ok: true })
  expect(asked()).toBe(2)
  expect(memory.spend(REQUEST, 0)).toEqual([{ spent: 0n, held: 10n }])
})

test.each([
  ['two in a row', [{ retryable: true }, { retryable: true }], 2],
  ['an object with too much to do', [{ retryable: true, overloaded: true }], 1],
  ['one of ours', [{ remote: true }], 1],
])('%s: the state is not reached', async (_name, errors, times) => {
  const { store, asked } = failing(errors)
  await expect(store.hold(REQUEST)).rejects.toThrow(StateUnavailable)
  expect(asked()).toBe(times)
})

test('what would not be known again is not repeated: a claim would find itself', async () => {
  let asked = 0
  const claim = () => {
    asked++
    return Promise.reject(Object.assign(new Error('of the platform'), { retryable: true }))
  }
  const store = stateOf({ getByName: () => ({ claim }) })
  const mine = { owner: 'o', kind: 'idempotency', id: 'i', value: 'v', expiresAt: 1 } as const
  await expect(store?.claim(mine, 0)).rejects.toThrow(StateUnavailable)
  expect(asked).toBe(1)
})

test.each([undefined, null, 'text', {}, { getByName: 1 }, []])('%j is no namespace of objects', (binding) => {
  expect(stateOf(binding)).toBeUndefined()
})

test('a cursor that is none of its own is refused, before any object is asked', async () => {
  const store = createDurableStore({
    getByName: () => {
      throw new Error('nobody is to be asked')
    },
  })
  await expect(store.ledger({ most: 1, cursor: '%' })).rejects.toThrow(URIError)
})
