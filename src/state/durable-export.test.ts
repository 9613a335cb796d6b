import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { Paid } from '#src/core/ledger.ts'
import { exportRows } from './durable-export.ts'
import { SCHEMA } from './sql-schema.ts'
import { createSqlStore } from './sql-store.ts'
import { sqlOf } from './sqlite.ts'

const PAID: Paid = {
  request: 'req_1',
  endpoint: '/v1/chat/completions',
  model: 'chat',
  target: 'one/m',
  outcome: 'answered',
  user: '한'.repeat(9_000),
}

function open() {
  const db = new DatabaseSync(':memory:')
  db.exec(SCHEMA)
  const store = createSqlStore(sqlOf(db))
  const noted = new Map<string, string | number | boolean>()
  const kept = {
    get: (key: string) => noted.get(key),
    put: (key: string, value: string | number | boolean) => void noted.set(key, value),
    delete: (key: string) => noted.delete(key),
    list: () => [],
  }
  const book = (id: string) => {
    const lines = [{ account: 'key/k', per: 'total', ends: Infinity } as const]
    return store.settle({ id, shard: 'key/k', lines, bill: 2n ** 60n + 1n, now: 1, notAfter: 1, paid: PAID })
  }
  return { store, kept, book }
}

/** Takes batches as the platform does, or fails as often as it is said. */
function queueOf(failures = 0) {
  const batches: string[][] = []
  let left = failures
  return {
    batches,
    ids: () => batches.flat().map((text) => JSON.parse(text).id),
    async sendBatch(messages: Iterable<{ readonly body: unknown }>) {
      if (left-- > 0) throw new Error('the queue takes nothing')
      batches.push(Array.from(messages, ({ body }) => JSON.stringify(body)))
    },
  }
}

test('rows are sent once in their order, in batches that a queue takes, and to the nano', async () => {
  const { store, kept, book } = open()
  const ids = Array.from({ length: 250 }, (_, at) => `t${at}`)
  for (const id of ids) book(id)
  const queue = queueOf()
  for (let round = 0; round < 2; round++) await exportRows(store, kept, queue)
  expect(queue.ids()).toEqual(ids)
  for (const batch of queue.batches) {
    expect(batch.length).toBeLessThanOrEqual(100)
    expect(Buffer.byteLength(batch.join(''))).toBeLessThan(256_000)
  }
  expect(JSON.parse(queue.batches[0]?.[0] ?? '')).toMatchObject({
    bill: '1152921504606846977',
    lines: [{ account: 'key/k', per: 'total', ends: null }],
    paid: { request: 'req_1' },
  })
})

test('what a queue did not take is sent again, with what came meanwhile', async () => {
  const { store, kept, book } = open()
  const queue = queueOf(1)
  book('a')
  await expect(exportRows(store, kept, queue)).rejects.toThrow('takes nothing')
  book('b')
  await exportRows(store, kept, queue)
  expect(queue.ids()).toEqual(['a', 'b'])
})

test('rows that are forgotten do not hide those that come after them', async () => {
  const { store, kept, book } = open()
  const queue = queueOf()
  book('a')
  await exportRows(store, kept, queue)
  expect(store.trim(2, 9)).toBe(1)
  book('b')
  await exportRows(store, kept, queue)
  expect(queue.ids()).toEqual(['a', 'b'])
})
