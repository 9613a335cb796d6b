// What the file of the sqlite store outlives: its process, other processes beside it, and older versions of itself (docs/state.md).
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, test } from 'vitest'
import type { Key } from '#src/core/key.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { createSqliteStore } from '#src/state/sqlite.ts'
import { paying } from '../support/paying.ts'
import { CRASH_KEY, START } from '../support/state-crash.ts'

const folder = mkdtempSync(join(tmpdir(), 'tutti-contract-'))
const opened: StateStore[] = []
let files = 0
afterAll(() => {
  for (const store of opened) void store.close()
  rmSync(folder, { recursive: true })
})

function newFile(): string {
  return join(folder, `${files++}.db`)
}

function sqlite(path: string): StateStore {
  const store = createSqliteStore(path)
  opened.push(store)
  return store
}

const OK = { ok: true }

function leases(path: string): number {
  const db = new DatabaseSync(path)
  const row = db.prepare('select count(*) as n from lease').get()
  db.close()
  return Number(row?.['n'])
}

describe('sqlite: the file', () => {
  test('outlives kill -9 to the nano', async () => {
    const path = newFile()
    const child = join(import.meta.dirname, '../support/state-crash-child.ts')
    const { signal, stderr } = spawnSync(process.execPath, [child, path], { encoding: 'utf8' })
    expect(signal, stderr).toBe('SIGKILL')
    const { admit, hold, settle, spend } = paying(sqlite(path), CRASH_KEY)
    expect(await spend(START + 1)).toEqual({ spent: 33n, held: 80n })
    expect((await admit('r3', START + 1)).ok).toBe(false)
    expect(await hold('t3', 8n, START + 1)).toMatchObject({ ok: false, left: 7n })
    await settle('t0', 33n, START + 1)
    await settle('t1', 40n, START + 1)
    expect(await hold('t3', 47n, START + 60_000)).toMatchObject(OK)
    expect(await admit('r3', START + 60_000)).toMatchObject(OK)
  })

  test('several that are open at once are one store', async () => {
    const path = newFile()
    const [a, b] = [paying(sqlite(path), CRASH_KEY), paying(sqlite(path), CRASH_KEY)]
    expect(await a.hold('a', 120n, START)).toMatchObject(OK)
    expect((await b.hold('b', 1n, START)).ok).toBe(false)
    await b.settle('a', 20n, START)
    expect(await a.spend(START)).toEqual({ spent: 20n, held: 0n })
  })

  test('does not keep what is over', async () => {
    const path = newFile()
    const { hold, settle } = paying(sqlite(path), { id: 'k', tags: [], budget: { limit: 10n ** 9n, per: 'total' } })
    for (let i = 0; i < 300; i++) {
      await hold(`t${i}`, 1n, START + i * 60_000)
      if (i % 2 === 0) await settle(`t${i}`, 1n, START + i * 60_000)
    }
    expect(leases(path)).toBeLessThan(15)
    const { admit, leave } = paying(sqlite(path), { id: 'k', tags: [], limits: { concurrency: 1000 } })
    for (let i = 300; i < 600; i++) {
      await admit(`r${i}`, START + i * 60_000)
      if (i % 2 === 0) await leave(`r${i}`, START + i * 60_000)
    }
    expect(leases(path)).toBeLessThan(15)
  })

  test('of a newer version is refused with a mend, and one that cannot be opened too', () => {
    const path = newFile()
    void createSqliteStore(path).close()
    const db = new DatabaseSync(path)
    db.exec('update schema_version set version = 7')
    db.close()
    expect(() => createSqliteStore(path)).toThrow(/schema 7.*use the tutti that wrote it/)
    expect(() => createSqliteStore(join(folder, 'no/such/folder/x.db'))).toThrow(/cannot open the state file `.*x\.db`/)
  })

  test('an account that is not what the ledger says is found and mended, while steps go on', async () => {
    const path = newFile()
    const store = sqlite(path)
    const { settle, spend } = paying(store, CRASH_KEY)
    await settle('t0', 33n, START)
    await settle('t1', 7n, START)
    const db = new DatabaseSync(path)
    db.exec('update account set spent = 39')
    const difference = { account: 'key/k', per: 'day', ends: START + 12 * 3_600_000, ledger: 40n }
    expect(await store.audit(false)).toEqual([{ ...difference, counted: 39n }])
    expect((await spend(START)).spent).toBe(39n)
    expect(await store.audit(true)).toEqual([{ ...difference, counted: 39n }])
    expect(await store.audit(false)).toEqual([])
    expect((await spend(START)).spent).toBe(40n)
    db.exec('delete from account')
    db.close()
    expect(await store.audit(true)).toEqual([{ ...difference, counted: 0n }])
    expect((await spend(START)).spent).toBe(40n)
  })

  test('is closed once, twice is fine', () => {
    const store = createSqliteStore(newFile())
    void store.close()
    void store.close()
  })
})

const TABLES = `
create table schema_version (version integer not null);
create table account (key text not null, per text not null, ends integer, spent integer not null, primary key (key, per)) without rowid;
create table purse (key text primary key, held integer not null) without rowid;
create table gate (key text primary key, slots integer not null, window blob not null) without rowid;
create table lease (
  kind text not null, id text not null, key text not null,
  amount integer not null, second integer not null, expires integer not null, done integer not null,
  primary key (kind, id)
) without rowid;
create index lease_expires on lease (expires);
insert into account values ('k', 'day', ${START + 12 * 3_600_000}, 33);
insert into purse values ('k', 80);
insert into lease values ('hold', 't1', 'k', 80, 0, ${START + 60_000}, 0), ('slot', 'r1', 'k', 100, ${START / 1000}, ${START + 60_000}, 0);
`
const KEEPSAKES = `
create table keepsake (owner text not null, kind text not null, id text not null, value text not null, expires integer not null, primary key (owner, kind, id));
create index keepsake_expires on keepsake (expires);
`
const DENIALS =
  "create table denial (name text primary key, value text not null) without rowid; insert into denial values ('was', '{}');"

/** Of version 4: accounts and gates by name, leases in several places. */
const ACCOUNTS = `
create table schema_version (version integer not null);
create table account (name text not null, per text not null, ends integer, spent integer not null, primary key (name, per)) without rowid;
create table purse (account text primary key, held integer not null) without rowid;
create table gate (name text primary key, slots integer not null, window blob not null) without rowid;
create table lease (
  kind text not null, id text not null, places text not null, amount integer not null, expires integer not null, done integer not null,
  primary key (kind, id)
) without rowid;
create index lease_expires on lease (expires);
insert into account values ('key/k', 'day', ${START + 12 * 3_600_000}, 33);
insert into purse values ('key/k', 80);
insert into lease values ('hold', 't1', '[["key/k",0]]', 80, ${START + 60_000}, 0), ('slot', 'r1', '[["key/k",${START / 1000}]]', 100, ${START + 60_000}, 0);
`

/** Of version 5. */
const LEDGER = `
create table ledger (
  seq integer primary key autoincrement, id text not null, shard text not null, at integer not null, bill integer not null,
  lines text not null, paid text
);
create index ledger_at on ledger (at);
create table unbooked (
  id text not null, shard text not null, other text not null, lines text not null, at integer not null, seq integer not null,
  primary key (id, shard, other)
) without rowid;
create table carried (name text not null, per text not null, ends integer, spent integer not null);
create unique index carried_account on carried (name, per, ifnull(ends, -1));
create table note (kind text not null, name text not null, value text not null, primary key (kind, name)) without rowid;
insert into carried select name, per, ends, spent from account;
insert into note values ('denial', 'was', '{}');
`

/** Every column of every table, with its place in the primary key, and what each index is of. */
function shapeOf(path: string): readonly unknown[] {
  const db = new DatabaseSync(path)
  const shape = db
    .prepare(
      `select entry.type, entry.tbl_name, entry.name, part.name as part, part.type as of, part."notnull", part.pk
       from sqlite_master as entry, pragma_table_xinfo(entry.name) as part where entry.type in ('table', 'index') order by 2, 3, part.cid`,
    )
    .all()
  db.close()
  return shape
}

function freshFile(): string {
  const path = newFile()
  void createSqliteStore(path).close()
  return path
}

test.each([
  [1, TABLES, 'k'],
  [2, TABLES + KEEPSAKES, 'k'],
  [3, TABLES + KEEPSAKES + DENIALS, 'k'],
  [4, ACCOUNTS + KEEPSAKES + DENIALS, 'key/k'],
  [5, ACCOUNTS + KEEPSAKES + LEDGER, 'key/k'],
])('a file of version %i keeps what it has and gains what it lacks', async (version, tables, gate) => {
  const path = newFile()
  const db = new DatabaseSync(path)
  db.exec(`${tables} insert into schema_version values (${version})`)
  const window = new Uint8Array(Float64Array.from([START / 1000, 1, 100]).buffer)
  db.prepare('insert into gate values (?, 1, ?)').run(gate, window)
  db.close()
  const store = sqlite(path)
  expect(shapeOf(path)).toEqual(shapeOf(freshFile()))
  const key: Key = { ...CRASH_KEY, limits: { rpm: 10, tpm: 1000, concurrency: 1 } }
  const { hold, spend, admit } = paying(store, key)
  expect(await spend(START + 1)).toEqual({ spent: 33n, held: 80n })
  expect(await hold('t2', 8n, START + 1)).toMatchObject({ ok: false, left: 7n })
  expect(await admit('r2', START + 1)).toMatchObject({ ok: false, limit: 'concurrency' })
  // What was spent before the ledger was kept is no difference to it.
  expect(await store.audit(false)).toEqual([])
  // What was taken before expires at its time.
  expect(await hold('t2', 87n, START + 60_000)).toMatchObject(OK)
  expect(await admit('r2', START + 60_000, 900)).toMatchObject(OK)
  await store.write('denial', 'a', '{}')
  expect([...(await store.notes('denial')).keys()]).toEqual(version >= 3 ? ['a', 'was'] : ['a'])
  await store.keep([{ owner: '', kind: 'signature', id: 'c', value: 'v', expiresAt: START + 1 }], START)
  expect([...(await store.recall({ owner: '', kind: 'signature', ids: ['c'], now: START })).values()]).toEqual(['v'])
})
