import type { Booked } from '#src/core/ledger.ts'
import type { NanoUsd } from '#src/core/money.ts'
import type { Admission, Admitted, Held, HoldRequest, Line, Settled, Settlement, Spend } from '#src/core/state-store.ts'
import { REMEMBERED_MS } from '#src/core/state-store.ts'
import { alsoHeld, atLeastZero, bookedAt, fits, HELD, refuse, stepName, turn, type Account } from './budget.ts'
import { ADMITTED, judgeLimits, roomsOf, wholeTokens } from './limits.ts'
import { prepareKeepsakes } from './sql-keepsakes.ts'
import { prepareLedger, type SqlLedger } from './sql-ledger.ts'
import { prepareNotes } from './sql-notes.ts'
import { prepareRows, type Lease, type Place, type Rows } from './sql-rows.ts'
import type { Local, Sql } from './sql.ts'
import { advance, correct, count, uncount, type Window } from './window.ts'

/** Expired rows are removed this many a step, more than a step adds. */
const SWEEP = 4

/** What a database has beside the steps of a store. */
export interface SqlStore extends Local, Pick<SqlLedger, 'after'> {
  /** Removes all that has expired; answers when the next will, in ms since 1970; undefined: nothing is left that does. */
  sweep(now: number): number | undefined
  /** Several steps as one transaction: all of them or none. */
  together<Result>(run: () => Result): Result
}

/** The steps of a store over a database with the tables of sql-schema.ts. Each answers at once and is whole or not at all. */
export function createSqlStore(sql: Sql): SqlStore {
  const rows = prepareRows(sql)
  const step = rows.within
  const forget = sql.prepare('delete from keepsake where expires <= ?')
  const next = sql.prepare(
    'select min(expires) as next from (select expires from lease union all select expires from keepsake)',
  )
  const { write, ...ledger } = prepareLedger(sql)
  return {
    admit: (admission) => step(() => alsoHeld(admission, admit(rows, admission), (request) => hold(rows, request))),
    leave: (of, tokens, now) =>
      step(() =>
        depart(rows, { id: stepName(of), now }, (window, second, counted) =>
          correct(window, second, wholeTokens(tokens) - counted),
        ),
      ),
    withdraw: (of, now) => step(() => depart(rows, { id: stepName(of), now }, uncount)),
    hold: (request) => step(() => hold(rows, request)),
    release: (of, now) => step(() => void letGo(rows, stepName(of), now)),
    settle: (settlement) => step(() => settle(rows, write, settlement)),
    spend: ({ lines }, now) => step(() => spend(rows, lines, now)),
    ...ledger,
    ...prepareKeepsakes(sql),
    ...prepareNotes(sql),
    together: step,
    sweep: (now) =>
      step(() => {
        sweep(rows, now, Number.MAX_SAFE_INTEGER)
        forget.run(now)
        const expires = next.get()?.['next']
        return typeof expires === 'number' ? expires : undefined
      }),
  }
}

function admit(rows: Rows, admission: Admission): Admitted {
  const { gates, now, expiresAt } = admission
  if (gates.length === 0) return ADMITTED
  const id = stepName(admission)
  if (known(rows, rows.lease('slot', id), now)) return ADMITTED
  const tokens = wholeTokens(admission.tokens)
  sweep(rows, now, SWEEP)
  let verdict = judge()
  // A slot whose holder died must not refuse anybody: before a refusal every expired one is freed.
  if (!verdict.ok && sweep(rows, now, Number.MAX_SAFE_INTEGER) > 0) verdict = judge()
  return verdict

  function judge(): Admitted {
    const open = gates.map(({ gate, limits }) => ({ gate, limits, state: rows.gate(gate) }))
    for (const { state } of open) advance(state.window, now)
    const refused = judgeLimits(open, { tokens, now })
    if (refused) return { ok: false, ...refused, rooms: roomsOf(open, now) }
    const places = open.map(({ gate, state }): Place => {
      const second = count(state.window, now, tokens)
      rows.saveGate(gate, { ...state, slots: state.slots + 1 })
      return [gate, second]
    })
    rows.saveLease({ kind: 'slot', id, places, amount: BigInt(tokens), expires: expiresAt, done: false })
    return { ok: true, rooms: roomsOf(open, now) }
  }
}

/** Gives the slots back, with what is to become of what was counted; from then on its id is over, whether it came or not. */
function depart(
  rows: Rows,
  { id, now }: { readonly id: string; readonly now: number },
  recount: (window: Window, second: number, counted: number) => void,
): void {
  const slot = rows.lease('slot', id)
  if (slot?.done === true) return
  for (const [name, second] of slot?.places ?? []) {
    const { slots, window } = rows.gate(name)
    if (slot && slot.expires > now) recount(window, second, Number(slot.amount))
    rows.saveGate(name, { slots: slots - 1, window })
  }
  rows.saveLease(over('slot', id, now))
}

/** What is kept of an id that is over. */
function over(kind: Lease['kind'], id: string, now: number): Lease {
  return { kind, id, places: [], amount: 0n, expires: now + REMEMBERED_MS, done: true }
}

function hold(rows: Rows, request: HoldRequest): Held {
  const { lines, now, expiresAt } = request
  if (lines.length === 0) return HELD
  const id = stepName(request)
  if (known(rows, rows.lease('hold', id), now)) return HELD
  const amount = atLeastZero(request.amount)
  sweep(rows, now, SWEEP)
  let refused = lacking(rows, lines, amount)
  if (refused && sweep(rows, now, Number.MAX_SAFE_INTEGER) > 0) refused = lacking(rows, lines, amount)
  if (refused) return refused
  for (const { account } of lines) rows.saveHeld(account, rows.held(account) + amount)
  const places = lines.map(({ account }): Place => [account, 0])
  rows.saveLease({ kind: 'hold', id, places, amount, expires: expiresAt, done: false })
  return HELD
}

/** The first line that has no room for it. */
function lacking(rows: Rows, lines: readonly Line[], amount: NanoUsd): Held | undefined {
  for (const line of lines) {
    const taken = accountOf(rows, line).spent + rows.held(line.account)
    if (!fits(line, taken, amount)) return refuse(line, taken)
  }
  return undefined
}

/** Gives back what it holds; from then on its id is over. False: it was before. */
function letGo(rows: Rows, id: string, now: number): boolean {
  const lease = rows.lease('hold', id)
  if (lease?.done === true) return false
  if (lease !== undefined) giveBack(rows, lease)
  rows.saveLease(over('hold', id, now))
  return true
}

function settle(rows: Rows, write: SqlLedger['write'], settlement: Settlement): Settled {
  const { lines, now, notAfter } = settlement
  const id = stepName(settlement)
  const late = now > notAfter && rows.lease('hold', id)?.done !== true
  if (late) return 'late'
  if (!letGo(rows, id, now)) return 'booked'
  const bill = atLeastZero(settlement.bill)
  const booked = lines.map((line) => {
    const { ends, spent } = accountOf(rows, line)
    rows.saveAccount(line.account, line.per, { ends, spent: spent + bill })
    return bookedAt(line, { ends, spent })
  })
  write({ ...settlement, bill, lines: booked })
  return 'booked'
}

function spend(rows: Rows, lines: readonly Booked[], now: number): readonly Spend[] {
  sweep(rows, now, Number.MAX_SAFE_INTEGER)
  return lines.map((line) => ({ spent: accountOf(rows, line).spent, held: rows.held(line.account) }))
}

function accountOf(rows: Rows, line: Booked): Account {
  const account = rows.account(line.account, line.per)
  turn(account, line)
  return account
}

/**
 * True for a lease that still counts, or that is over and remembered: a repeated step changes nothing. A dead one is
 * removed.
 */
function known(rows: Rows, lease: Lease | undefined, now: number): boolean {
  if (lease === undefined) return false
  if (lease.done || lease.expires > now) return true
  release(rows, lease)
  return false
}

/** Removes expired rows and gives back what they took; answers how many. */
function sweep(rows: Rows, now: number, most: number): number {
  const dead = rows.expired(now, most)
  for (const lease of dead) release(rows, lease)
  return dead.length
}

function release(rows: Rows, lease: Lease): void {
  rows.dropLease(lease.kind, lease.id)
  if (lease.done) return
  if (lease.kind === 'hold') return giveBack(rows, lease)
  for (const [name] of lease.places) {
    const { slots, window } = rows.gate(name)
    rows.saveGate(name, { slots: slots - 1, window })
  }
}

function giveBack(rows: Rows, { places, amount }: Lease): void {
  for (const [account] of places) rows.saveHeld(account, rows.held(account) - amount)
}
