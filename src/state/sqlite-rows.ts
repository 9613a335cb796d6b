import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Account } from './budget.ts'
import type { Gate } from './limits.ts'
import type { Window } from './window.ts'

/** `slot`: a request in flight; `hold`: an attempt's worst case. */
export type LeaseKind = 'slot' | 'hold'

/** What is taken until it is given back or expires. A `done` one is kept so that a repeated step is known. */
export interface Lease {
  readonly kind: LeaseKind
  readonly id: string
  readonly key: string
  /** Tokens of a slot, nano-USD of a hold. */
  readonly amount: bigint
  /** The second that a slot's tokens were counted in. */
  readonly second: number
  readonly expires: number
  readonly done: boolean
}

/** Rows of the state file, one prepared statement each. */
export interface Rows {
  lease(kind: LeaseKind, id: string): Lease | undefined
  saveLease(lease: Lease): void
  dropLease(kind: LeaseKind, id: string): void
  /** The leases that expired at `now` or before, the oldest first. */
  expired(now: number, most: number): readonly Lease[]
  gate(key: string): Gate
  saveGate(key: string, gate: Gate): void
  held(key: string): bigint
  saveHeld(key: string, held: bigint): void
  account(key: string, per: string): Account | undefined
  saveAccount(key: string, per: string, account: Account): void
}

const LARGEST = 9_223_372_036_854_775_807n

/** Prepares the statements once. */
export function prepareRows(db: DatabaseSync): Rows {
  return { ...leaseRows(db), ...gateRows(db), ...moneyRows(db) }
}

type LeaseRows = Pick<Rows, 'lease' | 'saveLease' | 'dropLease' | 'expired'>

function leaseRows(db: DatabaseSync): LeaseRows {
  const get = prepare(db, 'select kind, id, key, amount, second, expires, done from lease where kind = ? and id = ?')
  const put = db.prepare(
    'insert or replace into lease (kind, id, key, amount, second, expires, done) values (?, ?, ?, ?, ?, ?, ?)',
  )
  const remove = db.prepare('delete from lease where kind = ? and id = ?')
  // Asked at every step, and seldom true: a tenth of what an empty list costs.
  const anyDead = db.prepare('select 1 from lease where expires <= ? limit 1')
  const dead = prepare(
    db,
    'select kind, id, key, amount, second, expires, done from lease where expires <= ? order by expires limit ?',
  )
  return {
    lease(kind, id) {
      const row = get.get(kind, id)
      return row && toLease(row)
    },
    saveLease({ kind, id, key, amount, second, expires, done }) {
      put.run(kind, id, key, stored(amount), second, Math.floor(expires), done ? 1 : 0)
    },
    dropLease(kind, id) {
      remove.run(kind, id)
    },
    expired(now, most) {
      const latest = Math.floor(now)
      return anyDead.get(latest) === undefined ? [] : dead.all(latest, most).map(toLease)
    },
  }
}

function gateRows(db: DatabaseSync): Pick<Rows, 'gate' | 'saveGate'> {
  const get = prepare(db, 'select slots, window from gate where key = ?')
  const put = db.prepare('insert or replace into gate (key, slots, window) values (?, ?, ?)')
  return {
    gate(key) {
      const row = get.get(key)
      return row === undefined
        ? { slots: 0, window: [] }
        : { slots: Number(row['slots']), window: toWindow(row['window']) }
    },
    saveGate(key, { slots, window }) {
      put.run(key, slots, new Uint8Array(Float64Array.from(window).buffer))
    },
  }
}

type MoneyRows = Pick<Rows, 'held' | 'saveHeld' | 'account' | 'saveAccount'>

function moneyRows(db: DatabaseSync): MoneyRows {
  const getHeld = prepare(db, 'select held from purse where key = ?')
  const putHeld = db.prepare('insert or replace into purse (key, held) values (?, ?)')
  const getAccount = prepare(db, 'select ends, spent from account where key = ? and per = ?')
  const putAccount = db.prepare('insert or replace into account (key, per, ends, spent) values (?, ?, ?, ?)')
  return {
    held: (key) => toBigInt(getHeld.get(key)?.['held']),
    saveHeld(key, held) {
      putHeld.run(key, stored(held))
    },
    account(key, per) {
      const row = getAccount.get(key, per)
      if (row === undefined) return undefined
      return {
        ends: row['ends'] === null ? Number.POSITIVE_INFINITY : Number(row['ends']),
        spent: toBigInt(row['spent']),
      }
    },
    saveAccount(key, per, { ends, spent }) {
      putAccount.run(key, per, Number.isFinite(ends) ? ends : null, stored(spent))
    },
  }
}

function prepare(db: DatabaseSync, sql: string): ReturnType<DatabaseSync['prepare']> {
  const statement = db.prepare(sql)
  statement.setReadBigInts(true)
  return statement
}

function toLease(row: Record<string, SQLOutputValue>): Lease {
  return {
    kind: row['kind'] === 'slot' ? 'slot' : 'hold',
    id: String(row['id']),
    key: String(row['key']),
    amount: toBigInt(row['amount']),
    second: Number(row['second']),
    expires: Number(row['expires']),
    done: row['done'] === 1n,
  }
}

function toWindow(value: SQLOutputValue | undefined): Window {
  if (!(value instanceof Uint8Array)) return []
  // A view needs eight-byte alignment, which the driver does not promise: copied.
  return Array.from(new Float64Array(value.slice().buffer))
}

function toBigInt(value: SQLOutputValue | undefined): bigint {
  return typeof value === 'bigint' ? value : 0n
}

/** SQLite's largest integer is nine billion dollars: more than that is kept as that. */
function stored(amount: bigint): bigint {
  return amount > LARGEST ? LARGEST : amount
}
