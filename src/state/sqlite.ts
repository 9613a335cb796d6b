import { DatabaseSync } from 'node:sqlite'
import type { Key } from '#src/core/key.ts'
import type { NanoUsd } from '#src/core/money.ts'
import type { Admission, Admitted, Held, HoldRequest, Spend, StateStore } from '#src/core/state-store.ts'
import { atLeastZero, fits, HELD, openAccount, refuse, turn, type Account, type Budget } from './budget.ts'
import { ADMITTED, judgeLimits, wholeTokens } from './limits.ts'
import { prepareDenials } from './sqlite-denials.ts'
import { prepareKeepsakes } from './sqlite-keepsakes.ts'
import { prepareRows, type Lease, type Rows } from './sqlite-rows.ts'
import { prepareSchema } from './sqlite-schema.ts'
import { advance, correct, count } from './window.ts'

/** ms for which a step that is over is known again when it is repeated. */
export const REMEMBERED_MS = 600_000

/** Expired rows are removed this many a step, more than a step adds. */
const SWEEP = 4

/** ms that a step waits for another process's step. */
const BUSY_MS = 5000

/**
 * State in one SQLite file, for Node: shared by all processes of one machine that open it, and kept over `kill -9`
 * (docs/state.md). Every step answers at once and is one transaction. Throws when the file cannot be opened or is of a
 * newer version.
 */
export function createSqliteStore(path: string): StateStore {
  const db = open(path)
  const rows = prepareRows(db)
  const begin = db.prepare('begin immediate')
  const commit = db.prepare('commit')
  function step<Result>(run: () => Result): Result {
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
    admit: (admission) => (admission.key.limits === undefined ? ADMITTED : step(() => admit(rows, admission))),
    leave: (id, tokens, now) => step(() => leave(rows, { id, tokens, now })),
    hold: (request) => (request.key.budget === undefined ? HELD : step(() => hold(rows, request))),
    // oxlint-disable-next-line max-params -- the port's own signature
    settle: (id, key, bill, now) => step(() => settle(rows, { id, key, bill, now })),
    spend: (key, now) => step(() => spend(rows, key, now)),
    ...prepareKeepsakes(db, step),
    ...prepareDenials(db),
    durable: true,
    close() {
      if (db.isOpen) db.close()
    },
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
    db.exec('pragma page_size = 2048; pragma journal_mode = wal; pragma synchronous = normal')
    prepareSchema(db, path)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function admit(rows: Rows, { id, key, tokens: asked, now, expiresAt }: Admission): Admitted {
  if (key.limits === undefined || known(rows, rows.lease('slot', id), now)) return ADMITTED
  sweep(rows, now, SWEEP)
  let verdict = judge()
  // A slot whose holder died must not refuse anybody: before a refusal every expired one is freed.
  if (!verdict.ok && sweep(rows, now, Number.MAX_SAFE_INTEGER) > 0) verdict = judge()
  return verdict

  function judge(): Admitted {
    const gate = rows.gate(key.id)
    const tokens = wholeTokens(asked)
    advance(gate.window, now)
    const answer = judgeLimits(gate, key.limits ?? {}, { tokens, now })
    if (!answer.ok) return answer
    const second = count(gate.window, now, tokens)
    gate.slots++
    rows.saveGate(key.id, gate)
    rows.saveLease({ kind: 'slot', id, key: key.id, amount: BigInt(tokens), second, expires: expiresAt, done: false })
    return answer
  }
}

function leave(
  rows: Rows,
  { id, tokens, now }: { readonly id: string; readonly tokens: number; readonly now: number },
): void {
  const slot = rows.lease('slot', id)
  if (slot === undefined || slot.done) return
  if (slot.expires <= now) return release(rows, slot)
  const gate = rows.gate(slot.key)
  gate.slots--
  correct(gate.window, slot.second, wholeTokens(tokens) - Number(slot.amount))
  rows.saveGate(slot.key, gate)
  rows.saveLease({ ...slot, expires: now + REMEMBERED_MS, done: true })
}

function hold(rows: Rows, { id, key, amount: asked, now, expiresAt }: HoldRequest): Held {
  const { budget } = key
  if (budget === undefined || known(rows, rows.lease('hold', id), now)) return HELD
  const amount = atLeastZero(asked)
  sweep(rows, now, SWEEP)
  const account = accountOf(rows, { key, budget, now })
  let held = rows.held(key.id)
  if (!fits(budget, account.spent + held, amount) && sweep(rows, now, Number.MAX_SAFE_INTEGER) > 0)
    held = rows.held(key.id)
  const taken = account.spent + held
  if (!fits(budget, taken, amount)) return refuse(budget, taken, account.ends - now)
  rows.saveHeld(key.id, held + amount)
  rows.saveLease({ kind: 'hold', id, key: key.id, amount, second: 0, expires: expiresAt, done: false })
  return HELD
}

interface Settlement {
  readonly id: string
  readonly key: Key
  readonly bill: NanoUsd
  readonly now: number
}

function settle(rows: Rows, { id, key, bill, now }: Settlement): void {
  const lease = rows.lease('hold', id)
  if (lease?.done === true || (lease === undefined && key.budget === undefined)) return
  if (lease !== undefined) rows.saveHeld(lease.key, rows.held(lease.key) - lease.amount)
  rows.saveLease({ kind: 'hold', id, key: key.id, amount: 0n, second: 0, expires: now + REMEMBERED_MS, done: true })
  if (key.budget === undefined) return
  const account = accountOf(rows, { key, budget: key.budget, now })
  rows.saveAccount(key.id, key.budget.per, { ends: account.ends, spent: account.spent + atLeastZero(bill) })
}

function spend(rows: Rows, key: Key, now: number): Spend {
  if (key.budget === undefined) return { spent: 0n, held: 0n }
  sweep(rows, now, Number.MAX_SAFE_INTEGER)
  return { spent: accountOf(rows, { key, budget: key.budget, now }).spent, held: rows.held(key.id) }
}

function accountOf(rows: Rows, of: { readonly key: Key; readonly budget: Budget; readonly now: number }): Account {
  const account = rows.account(of.key.id, of.budget.per)
  if (account === undefined) return openAccount(of.budget, of.now)
  turn(account, of.budget, of.now)
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
  if (lease.kind === 'hold') return rows.saveHeld(lease.key, rows.held(lease.key) - lease.amount)
  const gate = rows.gate(lease.key)
  gate.slots--
  rows.saveGate(lease.key, gate)
}
