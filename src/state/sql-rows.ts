import type { Account } from './budget.ts'
import type { BudgetPeriod } from '#src/core/key.ts'
import { parseJson } from '#src/core/json.ts'
import type { GateState } from './limits.ts'
import { stored, storedEnds, toBigInt, toEnds } from './sql-values.ts'
import type { Sql, SqlRow } from './sql.ts'
import type { Window } from './window.ts'

/** `slot`: a request in flight; `hold`: an attempt's worst case. */
export type LeaseKind = 'slot' | 'hold'

/** An account or a gate, and the second that a slot's tokens were counted in there. */
export type Place = readonly [name: string, second: number]

/** What is taken until it is given back or expires. A `done` one is kept so that a repeated step is known. */
export interface Lease {
  readonly kind: LeaseKind
  /** A step's name. */
  readonly id: string
  readonly places: readonly Place[]
  /** Tokens of a slot, nano-USD of a hold. */
  readonly amount: bigint
  readonly expires: number
  readonly done: boolean
}

/** Rows of the state, one prepared statement each. */
export interface Rows {
  lease(kind: LeaseKind, id: string): Lease | undefined
  saveLease(lease: Lease): void
  dropLease(kind: LeaseKind, id: string): void
  /** The leases that expired at `now` or before, the oldest first. */
  expired(now: number, most: number): readonly Lease[]
  gate(name: string): GateState
  saveGate(name: string, gate: GateState): void
  held(account: string): bigint
  saveHeld(account: string, held: bigint): void
  account(name: string, per: BudgetPeriod): Account | undefined
  saveAccount(name: string, per: BudgetPeriod, account: Account): void
}

/** Prepares the statements once. */
export function prepareRows(sql: Sql): Rows {
  return { ...leaseRows(sql), ...gateRows(sql), ...moneyRows(sql) }
}

type LeaseRows = Pick<Rows, 'lease' | 'saveLease' | 'dropLease' | 'expired'>

function leaseRows(sql: Sql): LeaseRows {
  const get = sql.prepare(
    'select kind, id, places, cast(amount as text) as amount, expires, done from lease where kind = ? and id = ?',
  )
  const put = sql.prepare(
    'insert or replace into lease (kind, id, places, amount, expires, done) values (?, ?, ?, ?, ?, ?)',
  )
  const remove = sql.prepare('delete from lease where kind = ? and id = ?')
  // Asked at every step, and seldom true: a tenth of what an empty list costs.
  const anyDead = sql.prepare('select 1 from lease where expires <= ? limit 1')
  const dead = sql.prepare(
    'select kind, id, places, cast(amount as text) as amount, expires, done from lease where expires <= ? order by expires limit ?',
  )
  return {
    lease(kind, id) {
      const row = get.get(kind, id)
      return row && toLease(row)
    },
    saveLease({ kind, id, places, amount, expires, done }) {
      put.run(kind, id, JSON.stringify(places), stored(amount), Math.floor(expires), done ? 1 : 0)
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

function gateRows(sql: Sql): Pick<Rows, 'gate' | 'saveGate'> {
  const get = sql.prepare('select slots, window from gate where name = ?')
  const put = sql.prepare('insert or replace into gate (name, slots, window) values (?, ?, ?)')
  return {
    gate(name) {
      const row = get.get(name)
      return row === undefined
        ? { slots: 0, window: [] }
        : { slots: Number(row['slots']), window: toWindow(row['window']) }
    },
    saveGate(name, { slots, window }) {
      put.run(name, slots, new Uint8Array(Float64Array.from(window).buffer))
    },
  }
}

type MoneyRows = Pick<Rows, 'held' | 'saveHeld' | 'account' | 'saveAccount'>

function moneyRows(sql: Sql): MoneyRows {
  const getHeld = sql.prepare('select cast(held as text) as held from purse where account = ?')
  const putHeld = sql.prepare('insert or replace into purse (account, held) values (?, ?)')
  const getAccount = sql.prepare('select ends, cast(spent as text) as spent from account where name = ? and per = ?')
  const putAccount = sql.prepare('insert or replace into account (name, per, ends, spent) values (?, ?, ?, ?)')
  return {
    held: (account) => toBigInt(getHeld.get(account)?.['held']),
    saveHeld(account, held) {
      putHeld.run(account, stored(held))
    },
    account(name, per) {
      const row = getAccount.get(name, per)
      if (row === undefined) return undefined
      return {
        ends: toEnds(row['ends']),
        spent: toBigInt(row['spent']),
      }
    },
    saveAccount(name, per, { ends, spent }) {
      putAccount.run(name, per, storedEnds(ends), stored(spent))
    },
  }
}

function toLease(row: SqlRow): Lease {
  return {
    kind: row['kind'] === 'slot' ? 'slot' : 'hold',
    id: String(row['id']),
    places: toPlaces(row['places']),
    amount: toBigInt(row['amount']),
    expires: Number(row['expires']),
    done: row['done'] === 1,
  }
}

function toPlaces(value: unknown): readonly Place[] {
  const places = parseJson(String(value))
  if (!Array.isArray(places)) return []
  return places.map((place): Place => {
    const [name, second] = Array.isArray(place) ? place : []
    return [String(name), Number(second)]
  })
}

function toWindow(value: unknown): Window {
  if (value instanceof ArrayBuffer) return Array.from(new Float64Array(value))
  // A view needs eight-byte alignment, which the driver does not promise: copied.
  return value instanceof Uint8Array ? Array.from(new Float64Array(value.slice().buffer)) : []
}
