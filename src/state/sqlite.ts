import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { StateStore } from '#src/core/state-store.ts'
import { createSqlStore } from './sql-store.ts'
import { gathered } from './sqlite-group.ts'
import type { Sql } from './sql.ts'
import { prepareSchema } from './sqlite-schema.ts'

/** ms that a step waits for another process's step. */
const BUSY_MS = 5000

/**
 * State in one SQLite file, for Node: shared by all processes of one machine that open it, and kept over `kill -9`
 * (docs/state.md). Steps that come in the same turn of the event loop are one transaction, and each is answered when that
 * is written. Throws when the file cannot be opened or is of a newer version.
 */
export function createSqliteStore(path: string): StateStore {
  const db = open(path)
  const { sweep: _, after: __, together, ...steps } = createSqlStore(sqlOf(db))
  const { admit, leave, withdraw, hold, release, settle, spend } = steps
  const group = gathered(together)
  return {
    ...steps,
    admit: (admission) => group.add(() => admit(admission)),
    leave: (step, tokens, now) => group.add(() => leave(step, tokens, now)),
    withdraw: (step, now) => group.add(() => withdraw(step, now)),
    hold: (request) => group.add(() => hold(request)),
    release: (step, now) => group.add(() => release(step, now)),
    settle: (settlement) => group.add(() => settle(settlement)),
    spend: (of, now) => group.add(() => spend(of, now)),
    durable: true,
    close() {
      group.flush()
      if (db.isOpen) db.close()
    },
  }
}

/** A file's statements: each step in a transaction that keeps other processes out, what is read in one that lets them write. */
export function sqlOf(db: DatabaseSync): Sql {
  const commit = db.prepare('commit')
  const within =
    (begin: StatementSync): Sql['step'] =>
    (run) => {
      begin.run()
      try {
        const result = run()
        commit.run()
        return result
      } catch (error) {
        if (db.isTransaction) db.exec('rollback')
        throw error
      }
    }
  return {
    prepare: (text) => db.prepare(text),
    step: within(db.prepare('begin immediate')),
    read: within(db.prepare('begin deferred')),
  }
}

function open(path: string): DatabaseSync {
  let db: DatabaseSync
  try {
    db = new DatabaseSync(path, { timeout: BUSY_MS })
  } catch (cause) {
    throw new Error(`cannot open the state file \`${path}\`: its folder must exist and be writable`, { cause })
  }
  try {
    // Synchronous NORMAL in WAL mode: a commit is in the operating system's hands, so it outlives the process, not a
    // power cut. A step writes three or four small rows: half of SQLite's usual page is a fifth less work, measured.
    // The log is written back each 4,000 pages, 8 MB: a tenth less work than at SQLite's usual 1,000, measured.
    db.exec('pragma page_size = 2048; pragma journal_mode = wal; pragma synchronous = normal')
    db.exec('pragma wal_autocheckpoint = 4000')
    prepareSchema(db, path)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
