import { DatabaseSync } from 'node:sqlite'
import { beforeEach, expect, test } from 'vitest'
import { gathered } from './sqlite-group.ts'
import { sqlOf } from './sqlite.ts'

let db: DatabaseSync
let commits: number

beforeEach(() => {
  db = new DatabaseSync(':memory:')
  db.exec('create table t (x integer primary key)')
  commits = 0
})

function group() {
  const { step } = sqlOf(db)
  return gathered((run) => {
    step(run)
    commits++
  })
}

function add(x: number): number {
  return Number(db.prepare('insert into t values (?)').run(x).changes)
}

function kept(): unknown[] {
  return db
    .prepare('select x from t order by x')
    .all()
    .map(({ x }) => x)
}

test('steps of one turn are one transaction, in their order, and are answered once it is written', async () => {
  const { add: step } = group()
  const seen: string[] = []
  const all = [1, 2, 3].map((x) =>
    step(() => {
      seen.push(`did ${x}`)
      return add(x)
    }).then(() => seen.push(`answered ${x}, ${commits} written`)),
  )
  expect(seen).toEqual([])
  await Promise.all(all)
  expect(seen).toEqual(['did 1', 'did 2', 'did 3', ...[1, 2, 3].map((x) => `answered ${x}, 1 written`)])
  await step(() => add(4))
  expect(commits).toBe(2)
  expect(kept()).toEqual([1, 2, 3, 4])
})

test('a step that throws fails for its own caller, and no other is lost or done twice', async () => {
  const { add: step } = group()
  const results = await Promise.allSettled([step(() => add(1)), step(() => add(1)), step(() => add(2))])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(kept()).toEqual([1, 2])
})

test('what cannot begin is tried once for all of them', async () => {
  let tries = 0
  const { add: step } = gathered(() => {
    tries++
    throw new Error('database is locked')
  })
  const results = await Promise.allSettled([1, 2, 3].map((x) => step(() => add(x))))
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(tries).toBe(1)
})

test('a transaction that cannot be written is done step by step', async () => {
  const { step } = sqlOf(db)
  let tries = 0
  const { add: one } = gathered((run) =>
    step(() => {
      run()
      if (++tries === 1) throw new Error('disk full')
    }),
  )
  expect(await Promise.all([one(() => add(1)), one(() => add(2))])).toEqual([1, 1])
  expect(kept()).toEqual([1, 2])
})

test('what waits is done at once where the store closes', async () => {
  const { add: step, flush } = group()
  const done = step(() => add(1))
  flush()
  expect(kept()).toEqual([1])
  db.close()
  expect(await done).toBe(1)
  await expect(step(() => 1)).rejects.toThrow(/finalized|not open/)
})
