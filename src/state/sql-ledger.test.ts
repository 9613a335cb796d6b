// What the ledger does in a SQL database: how many rows its pages visit, and that an audit lets others write.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { LedgerQuery } from '#src/core/ledger.ts'
import { SCHEMA } from './sql-schema.ts'
import { createSqlStore, type SqlStore } from './sql-store.ts'
import type { Sql } from './sql.ts'
import { sqlOf } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'tutti-sql-ledger-'))
const opened: DatabaseSync[] = []
afterAll(() => {
  for (const db of opened) db.close()
  rmSync(folder, { recursive: true })
})

function open(path = ':memory:'): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 0 })
  opened.push(db)
  return db
}

const SHARD = 'tenant/t'
const DAY = 86_400_000
const line = (account: string, ends = DAY) => ({ account, per: 'day', ends }) as const

function book(
  store: SqlStore,
  { id, at = 1, lines = [line('key/k')] }: { id: string; at?: number; lines?: readonly ReturnType<typeof line>[] },
): void {
  expect(store.settle({ id, shard: SHARD, lines, bill: 7n, now: at, notAfter: at })).toBe('booked')
}

/** Tells of each statement that is asked for rows, with how many it had. */
function watched(db: DatabaseSync, saw: (text: string, rows: number) => void): Sql {
  const sql = sqlOf(db)
  return {
    ...sql,
    prepare(text) {
      const statement = sql.prepare(text)
      return {
        get: (...values) => statement.get(...values),
        run: (...values) => statement.run(...values),
        all(...values) {
          const rows = statement.all(...values)
          saw(text, rows.length)
          return rows
        },
      }
    },
  }
}

describe('pages', () => {
  function filled(times: readonly number[]) {
    const db = open()
    db.exec(SCHEMA)
    const visits = new Map<string, number>()
    const store = createSqlStore(watched(db, (text, rows) => visits.set(text, (visits.get(text) ?? 0) + rows)))
    const put = db.prepare(`insert into ledger (id, shard, at, bill, lines) values (?, '${SHARD}', ?, 1, '[]')`)
    for (const [seq, at] of times.entries()) put.run(`t${seq}`, at)
    /** Rows of the ledger that were read, by statements that the database carries out by `seq` alone, without sorting. */
    const visited = (): number => {
      let sum = 0
      for (const [text, rows] of visits) {
        if (!text.includes('from ledger')) continue
        const plan = db
          .prepare(`explain query plan ${text}`)
          .all()
          .map((step) => String(step['detail']))
        expect(plan).toEqual([expect.stringMatching(/^SEARCH ledger USING INTEGER PRIMARY KEY \(rowid>/)])
        sum += rows
      }
      return sum
    }
    return { store, visited }
  }

  function readAll(store: SqlStore, query: LedgerQuery) {
    const ids: string[] = []
    let pages = 0
    for (let cursor: string | undefined; ; pages++) {
      const page = store.ledger({ ...query, ...(cursor !== undefined && { cursor }) })
      ids.push(...page.rows.map(({ id }) => id))
      cursor = page.cursor
      if (cursor === undefined) return { ids, pages: pages + 1 }
    }
  }

  test('visit each row of a span once, and of those before and after it none', () => {
    const { store, visited } = filled(Array.from({ length: 1000 }, (_, at) => at))
    const { ids, pages } = readAll(store, { from: 700, to: 900, most: 10 })
    expect(ids).toEqual(Array.from({ length: 200 }, (_, at) => `t${700 + at}`))
    expect([pages, visited()]).toEqual([20, 200 + 19])
  })

  test('of the whole visit each row once, whatever the times', () => {
    const { store, visited } = filled(Array.from({ length: 300 }, (_, at) => (at * 7919) % 300))
    expect(readAll(store, { from: 0, to: 1e6, most: 10 }).ids).toHaveLength(300)
    expect(visited()).toBe(300 + 29)
  })

  test('those after a row are read by their order alone', () => {
    const { store, visited } = filled(Array.from({ length: 500 }, (_, at) => at))
    expect(store.after(490, 4).map(({ seq }) => seq)).toEqual([491, 492, 493, 494])
    expect(visited()).toBe(4)
  })

  test('miss nothing where clocks differ or were put back', () => {
    const at = fc.integer({ min: 0, max: 30 })
    fc.assert(
      fc.property(fc.array(at, { maxLength: 40 }), at, at, fc.integer({ min: 1, max: 9 }), (times, from, to, most) => {
        const { store } = filled(times)
        const wanted = times.flatMap((time, seq) => (time >= from && time < to ? [`t${seq}`] : []))
        const { ids, pages } = readAll(store, { from, to, most })
        expect(ids).toEqual(wanted)
        expect(pages).toBeLessThanOrEqual(Math.max(1, Math.ceil(times.length / most)))
      }),
    )
  })
})

test('what a period that is over had spent is kept nowhere once its rows are forgotten, but for those that are open', () => {
  const db = open()
  db.exec(SCHEMA)
  const store = createSqlStore(sqlOf(db))
  const lines = (account: string) => [line(account), { account, per: 'total', ends: Infinity } as const]
  for (const account of ['key/a', 'key/b'])
    store.settle({
      id: account,
      shard: SHARD,
      lines: lines(account),
      bill: 7n,
      now: 1,
      notAfter: 1,
      ...(account === 'key/b' && { elsewhere: [{ shard: 'x', lines: [] }] }),
    })
  const kept = (table: string) =>
    db
      .prepare(`select name, per from ${table} order by 1, 2`)
      .all()
      .map((row) => `${String(row['name'])} ${String(row['per'])}`)
  expect(store.trim(DAY - 1, 9)).toBe(1)
  expect(kept('account')).toEqual(['key/a day', 'key/a total', 'key/b day', 'key/b total'])
  expect(store.trim(DAY, 9)).toBe(0)
  expect(kept('account')).toEqual(['key/a total', 'key/b day', 'key/b total'])
  expect(kept('carried')).toEqual(['key/a total'])
  store.confirm({ id: 'key/b', shard: SHARD }, 'x')
  expect(store.trim(DAY, 9)).toBe(1)
  expect(store.trim(DAY, 9)).toBe(0)
  for (const table of ['account', 'carried']) expect(kept(table)).toEqual(['key/a total', 'key/b total'])
})

describe('an audit', () => {
  let files = 0

  /** Two processes on one file; `meanwhile` is done by the other one while the first adds rows up. */
  function pair(meanwhile: (other: SqlStore, db: DatabaseSync) => void) {
    const path = join(folder, `${files++}.db`)
    const [mine, theirs] = [open(path), open(path)]
    mine.exec('pragma journal_mode = wal')
    mine.exec(SCHEMA)
    const other = createSqlStore(sqlOf(theirs))
    let does: typeof meanwhile | undefined = meanwhile
    const sql = watched(mine, (text) => {
      if (!text.includes('json_each')) return
      const once = does
      does = undefined
      once?.(other, theirs)
    })
    return { store: createSqlStore(sql), other, db: theirs }
  }

  const spent = (store: SqlStore, lines = [line('key/k')]) =>
    store.spend({ shard: SHARD, lines }, 1).map((one) => one.spent)

  test('lets other processes hold, book and forget while it adds up', () => {
    const { store, other } = pair((steps) => {
      const lines = [{ ...line('key/k'), limit: 100n }]
      expect(steps.hold({ id: 'h', shard: SHARD, lines, amount: 1n, now: 1, expiresAt: 9 })).toEqual({ ok: true })
      book(steps, { id: 'during' })
      expect(steps.trim(2, 1)).toBe(1)
    })
    book(other, { id: 'before' })
    expect(store.audit(false)).toEqual([])
    expect(store.audit(false)).toEqual([])
    expect(spent(other)).toEqual([14n])
  })

  test('mends by the difference what was booked on meanwhile, and puts in what lacks', () => {
    const both = [line('key/k'), line('key/lost')]
    const { store, other, db } = pair((steps) => {
      book(steps, { id: 'during', lines: [line('key/k')] })
      expect(steps.trim(2, 1)).toBe(1)
    })
    for (const id of ['a', 'b']) book(other, { id, lines: both })
    db.exec("update account set spent = 3 where name = 'key/k'; delete from account where name = 'key/lost'")
    expect(store.audit(true)).toMatchObject([
      { account: 'key/k', counted: 3n, ledger: 14n },
      { account: 'key/lost', counted: 0n, ledger: 14n },
    ])
    expect(spent(other, both)).toEqual([21n, 14n])
    expect(store.audit(false)).toEqual([])
  })

  test('an account that lacks and is booked on meanwhile is not put back to what the ledger said', () => {
    const { store, other, db } = pair((steps) => book(steps, { id: 'during' }))
    book(other, { id: 'before' })
    db.exec('delete from account')
    expect(store.audit(true)).toHaveLength(1)
    expect(spent(other)).toEqual([14n])
  })

  test('leaves alone an account whose period turned, or that was forgotten, meanwhile', () => {
    const next = line('key/turned', 2 * DAY)
    const { store, other, db } = pair((steps) => {
      book(steps, { id: 'during', at: DAY, lines: [next] })
      expect(steps.trim(DAY, 9)).toBe(1)
    })
    book(other, { id: 'before', lines: [line('key/turned'), line('key/over')] })
    db.exec('update account set spent = 3')
    expect(store.audit(true)).toHaveLength(2)
    expect(db.prepare('select name, ends, spent from account').all()).toEqual([
      { name: 'key/turned', ends: 2 * DAY, spent: 7 },
    ])
  })

  test('of two at once one mends', () => {
    const { store, other, db } = pair((steps) => expect(steps.audit(true)).toHaveLength(1))
    book(other, { id: 'a' })
    db.exec('update account set spent = 3')
    expect(store.audit(true)).toEqual([])
    expect(spent(other)).toEqual([7n])
  })
})
