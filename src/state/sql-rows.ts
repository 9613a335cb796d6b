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

/** Rows of the state. Gates, holds and accounts are read once and written once a transaction, however many steps it is of. */
export interface Rows {
  /** Does it in one transaction, or in the one that is under way. */
  within<Result>(run: () => Result): Result
  lease(kind: LeaseKind, id: string): Lease | undefined
  saveLease(lease: Lease): void
  dropLease(kind: LeaseKind, id: string): void
  /** The leases that expired at `now` or before, the oldest first. */
  expired(now: number, most: number): readonly Lease[]
  gate(name: string): GateState
  saveGate(name: string, gate: GateState): void
  held(account: string): bigint
  saveHeld(account: string, held: bigint): void
  /** Of one that there is not, nothing, in a period that is over. */
  account(name: string, per: BudgetPeriod): Account
  saveAccount(name: string, per: BudgetPeriod, account: Account): void
}

/** Prepares the statements once. */
export function prepareRows(sql: Sql): Rows {
  const leases = leaseRows(sql)
  const shelves = [gateShelf(sql), heldShelf(sql), accountShelf(sql)] as const
  const [gates, held, accounts] = shelves
  let open = false
  return {
    ...leases,
    gate: gates.get,
    saveGate: gates.set,
    held: held.get,
    saveHeld: held.set,
    account: (name, per) => accounts.get(`${per} ${name}`),
    saveAccount: (name, per, account) => accounts.set(`${per} ${name}`, account),
    within(run) {
      if (open) return run()
      open = true
      try {
        return sql.step(() => {
          const result = run()
          for (const shelf of shelves) shelf.write()
          return result
        })
      } finally {
        open = false
        leases.forget()
        for (const shelf of shelves) shelf.forget()
      }
    },
  }
}

/** What a transaction has read, and what it is to write. */
interface Shelf<Value> {
  get(key: string): Value
  set(key: string, value: Value): void
  /** Writes what was set. */
  write(): void
  /** The transaction is over, whole or not at all. */
  forget(): void
}

function createShelf<Value>(read: (key: string) => Value, put: (key: string, value: Value) => void): Shelf<Value> {
  const kept = new Map<string, Value>()
  const changed = new Map<string, Value>()
  return {
    get(key) {
      const known = kept.get(key)
      if (known !== undefined) return known
      const value = read(key)
      kept.set(key, value)
      return value
    },
    set(key, value) {
      kept.set(key, value)
      changed.set(key, value)
    },
    write() {
      for (const [key, value] of changed) put(key, value)
    },
    forget() {
      kept.clear()
      changed.clear()
    },
  }
}

type LeaseRows = Pick<Rows, 'lease' | 'saveLease' | 'dropLease' | 'expired'> & {
  /** What was known of the transaction that is over. */
  forget(): void
}

function leaseRows(sql: Sql): LeaseRows {
  const get = sql.prepare(
    'select kind, id, places, cast(amount as text) as amount, expires, done from lease where kind = ? and id = ?',
  )
  const put = sql.prepare(
    'insert or replace into lease (kind, id, places, amount, expires, done) values (?, ?, ?, ?, ?, ?)',
  )
  const remove = sql.prepare('delete from lease where kind = ? and id = ?')
  const first = sql.prepare('select min(expires) as next from lease')
  const dead = sql.prepare(
    'select kind, id, places, cast(amount as text) as amount, expires, done from lease where expires <= ? order by expires limit ?',
  )
  // When the first of them expires, at the earliest: asked at every step, and seldom now.
  let next: number | undefined
  return {
    lease(kind, id) {
      const row = get.get(kind, id)
      return row && toLease(row)
    },
    saveLease({ kind, id, places, amount, expires, done }) {
      const end = Math.floor(expires)
      put.run(kind, id, JSON.stringify(places), stored(amount), end, done ? 1 : 0)
      if (next !== undefined && end < next) next = end
    },
    dropLease(kind, id) {
      remove.run(kind, id)
    },
    expired(now, most) {
      const latest = Math.floor(now)
      next ??= Number(first.get()?.['next'] ?? Infinity)
      if (next > latest) return []
      next = undefined
      return dead.all(latest, most).map(toLease)
    },
    forget() {
      next = undefined
    },
  }
}

function gateShelf(sql: Sql): Shelf<GateState> {
  const get = sql.prepare('select slots, window from gate where name = ?')
  const put = sql.prepare('insert or replace into gate (name, slots, window) values (?, ?, ?)')
  return createShelf(
    (name) => {
      const row = get.get(name)
      return row === undefined
        ? { slots: 0, window: [] }
        : { slots: Number(row['slots']), window: toWindow(row['window']) }
    },
    (name, { slots, window }) => put.run(name, slots, new Uint8Array(Float64Array.from(window).buffer)),
  )
}

function heldShelf(sql: Sql): Shelf<bigint> {
  const get = sql.prepare('select cast(held as text) as held from purse where account = ?')
  const put = sql.prepare('insert or replace into purse (account, held) values (?, ?)')
  return createShelf(
    (account) => toBigInt(get.get(account)?.['held']),
    (account, held) => put.run(account, stored(held)),
  )
}

/** By `per name`: no period has a space. */
function accountShelf(sql: Sql): Shelf<Account> {
  const get = sql.prepare('select ends, cast(spent as text) as spent from account where name = ? and per = ?')
  const put = sql.prepare('insert or replace into account (name, per, ends, spent) values (?, ?, ?, ?)')
  const named = (key: string): readonly [name: string, per: string] => {
    const space = key.indexOf(' ')
    return [key.slice(space + 1), key.slice(0, space)]
  }
  return createShelf<Account>(
    (key) => {
      const row = get.get(...named(key))
      return row === undefined
        ? { ends: -Infinity, spent: 0n }
        : { ends: toEnds(row['ends']), spent: toBigInt(row['spent']) }
    },
    (key, { ends, spent }) => put.run(...named(key), storedEnds(ends), stored(spent)),
  )
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
