import type { Booked, LedgerRow } from '#src/core/ledger.ts'
import type { NanoUsd } from '#src/core/money.ts'
import {
  REMEMBERED_MS,
  type Admission,
  type Admitted,
  type Held,
  type HoldRequest,
  type Line,
  type Settled,
  type Settlement,
  type Spend,
  type StateStore,
  type StepId,
} from '#src/core/state-store.ts'
import { atLeastZero, fits, HELD, refuse, stepName, turn, type Account } from './budget.ts'
import { judgeLimits, wholeTokens } from './limits.ts'
import { prepareRows, type Lease, type Place, type Rows } from './sql-rows.ts'
import type { Sql, SqlRow } from './sql.ts'
import { advance, correct, count, uncount, type Window } from './window.ts'

const SWEEP = 4
const KNOWN: Admitted = { ok: true, rooms: [] }

type Sync<Method> = Method extends (...asked: infer Asked) => infer Answer
  ? (...asked: Asked) => Awaited<Answer>
  : Method

export type SqlStore = { readonly [Name in keyof Omit<StateStore, 'durable' | 'close'>]: Sync<StateStore[Name]> } & {
  sweep(now: number): number | undefined
  booked(after: number, most: number): readonly { readonly seq: number; readonly row: LedgerRow }[]
}

export function createSqlStore(sql: Sql): SqlStore {
  sql.exec(`
create table if not exists account (name text not null, per text not null, ends integer, spent integer not null, primary key (name, per)) without rowid;
create table if not exists purse (account text primary key, held integer not null) without rowid;
create table if not exists gate (name text primary key, slots integer not null, window blob not null) without rowid;
create table if not exists lease (kind text not null, id text not null, places text not null, amount integer not null, expires integer not null, done integer not null, primary key (kind, id)) without rowid;
create index if not exists lease_expires on lease (expires);
create table if not exists keepsake (owner text not null, kind text not null, id text not null, value text not null, expires integer not null, primary key (owner, kind, id)) without rowid;
create index if not exists keepsake_expires on keepsake (expires);
create table if not exists note (kind text not null, name text not null, value text not null, primary key (kind, name)) without rowid;
create table if not exists ledger (seq integer primary key autoincrement, id text not null, shard text not null, at integer not null, bill integer not null, lines text not null, paid text not null, open text not null);
`)
  const rows = prepareRows(sql)
  const step = sql.step
  const get = (owner: string, kind: string, id: string, now: number): string | undefined => {
    const value = sql
      .prepare('select value from keepsake where owner = ? and kind = ? and id = ? and expires > ?')
      .get(owner, kind, id, now)?.['value']
    return typeof value === 'string' ? value : undefined
  }
  return {
    admit: (admission) => step(() => admit(rows, admission)),
    leave: (of, tokens, now) =>
      step(() =>
        depart(rows, { id: stepName(of), now }, (window, second, counted) =>
          correct(window, second, wholeTokens(tokens) - counted),
        ),
      ),
    withdraw: (of, now) => step(() => depart(rows, { id: stepName(of), now }, uncount)),
    hold: (request) => (request.lines.length === 0 ? HELD : step(() => hold(rows, request))),
    release: (of, now) => step(() => release1(rows, of, now)),
    settle: (settlement) => step(() => settle(sql, rows, settlement)),
    confirm: (of, other) =>
      step(() => {
        for (const row of sql.prepare('select seq, open from ledger where id = ? and shard = ?').all(of.id, of.shard))
          sql
            .prepare('update ledger set open = ? where seq = ?')
            .run(
              JSON.stringify(JSON.parse(String(row['open'])).filter((one: { shard: string }) => one.shard !== other)),
              Number(row['seq']),
            )
      }),
    open: (before, most) =>
      sql
        .prepare("select * , cast(bill as text) as bill from ledger where open <> '[]' and at < ? order by seq limit ?")
        .all(Number.isFinite(before) ? before : 1e15, most)
        .map(toRow),
    ledger({ from = 0, to = 1e15, cursor = '0', most }) {
      const found = sql
        .prepare(
          'select *, cast(bill as text) as bill from ledger where seq > ? and at >= ? and at < ? order by seq limit ?',
        )
        .all(Number(cursor), from, to, most + 1)
      return {
        rows: found.slice(0, most).map(toRow),
        ...(found.length > most && { cursor: String(found[most - 1]?.['seq']) }),
      }
    },
    audit: () => [],
    trim: (before, most) =>
      step(
        () =>
          sql
            .prepare(
              'delete from ledger where seq in (select seq from ledger where at < ? order by seq limit ?) returning 1',
            )
            .all(before, most).length,
      ),
    spend: (of, now) => step(() => spend(rows, of.lines, now)),
    keep: (keepsakes, now) =>
      step(() => {
        sql.prepare('delete from keepsake where expires <= ?').run(now)
        for (const { owner, kind, id, value, expiresAt } of keepsakes)
          sql.prepare('insert or replace into keepsake values (?, ?, ?, ?, ?)').run(owner, kind, id, value, expiresAt)
      }),
    recall: ({ owner, kind, ids, now }) =>
      new Map(
        ids.flatMap((id) => {
          const value = get(owner, kind, id, now)
          return value === undefined ? [] : [[id, value] as const]
        }),
      ),
    forget: ({ owner, kind, id }) =>
      sql.prepare('delete from keepsake where owner = ? and kind = ? and id = ? returning 1').get(owner, kind, id) !==
      undefined,
    claim: ({ owner, kind, id, value, expiresAt }, now) =>
      step(() => {
        const there = get(owner, kind, id, now)
        if (there === undefined)
          sql.prepare('insert or replace into keepsake values (?, ?, ?, ?, ?)').run(owner, kind, id, value, expiresAt)
        return there
      }),
    notes: (kind) =>
      new Map(
        sql
          .prepare('select name, value from note where kind = ? order by name')
          .all(kind)
          .map((row) => [String(row['name']), String(row['value'])]),
      ),
    note: (kind, name) => {
      const row = sql.prepare('select value from note where kind = ? and name = ?').get(kind, name)
      return row && String(row['value'])
    },
    write: (kind, name, value) =>
      void sql.prepare('insert or replace into note values (?, ?, ?)').run(kind, name, value),
    erase: (kind, name) =>
      sql.prepare('delete from note where kind = ? and name = ? returning 1').get(kind, name) !== undefined,
    sweep: (now) =>
      step(() => {
        sweep(rows, now, Number.MAX_SAFE_INTEGER)
        sql.prepare('delete from keepsake where expires <= ?').run(now)
        const next = sql
          .prepare(
            'select min(expires) as next from (select expires from lease union all select expires from keepsake)',
          )
          .get()?.['next']
        return typeof next === 'number' ? next : undefined
      }),
    booked: (after, most) =>
      sql
        .prepare('select *, cast(bill as text) as bill from ledger where seq > ? order by seq limit ?')
        .all(after, most)
        .map((row) => ({ seq: Number(row['seq']), row: toRow(row) })),
  }
}

function toRow(row: SqlRow): LedgerRow {
  const read = (text: unknown) =>
    JSON.parse(String(text), (key, value: unknown) =>
      key === 'ends' && value === null ? Number.POSITIVE_INFINITY : value,
    )
  const paid = read(row['paid'])
  return {
    id: String(row['id']),
    shard: String(row['shard']),
    at: Number(row['at']),
    bill: BigInt(String(row['bill'])),
    lines: read(row['lines']),
    ...(paid !== null && { paid }),
    open: read(row['open']),
  }
}

function admit(rows: Rows, admission: Admission): Admitted {
  const { gates, now, expiresAt } = admission
  const id = stepName(admission)
  if (known(rows, rows.lease('slot', id), now)) return KNOWN
  const tokens = wholeTokens(admission.tokens)
  sweep(rows, now, SWEEP)
  let verdict = judge()
  // A slot whose holder died must not refuse anybody: before a refusal every expired one is freed.
  if (!verdict.ok && sweep(rows, now, Number.MAX_SAFE_INTEGER) > 0) verdict = judge()
  return verdict

  function judge(): Admitted {
    const open = gates.map(({ gate, limits }) => ({ gate, limits, state: rows.gate(gate) }))
    for (const { state } of open) advance(state.window, now)
    const answer = judgeLimits(open, { tokens, now })
    if (!answer.ok) return answer
    const places = open.map(({ gate, state }): Place => {
      const second = count(state.window, now, tokens)
      rows.saveGate(gate, { ...state, slots: state.slots + 1 })
      return [gate, second]
    })
    rows.saveLease({ kind: 'slot', id, places, amount: BigInt(tokens), expires: expiresAt, done: false })
    return answer
  }
}

/** Gives the slots back, with what is to become of what was counted. */
function depart(
  rows: Rows,
  { id, now }: { readonly id: string; readonly now: number },
  recount: (window: Window, second: number, counted: number) => void,
): void {
  const slot = rows.lease('slot', id)
  if (slot === undefined || slot.done) return
  if (slot.expires <= now) return release(rows, slot)
  for (const [name, second] of slot.places) {
    const { slots, window } = rows.gate(name)
    recount(window, second, Number(slot.amount))
    rows.saveGate(name, { slots: slots - 1, window })
  }
  rows.saveLease({ ...slot, expires: now + REMEMBERED_MS, done: true })
}

function hold(rows: Rows, request: HoldRequest): Held {
  const { lines, now, expiresAt } = request
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

function settle(sql: Sql, rows: Rows, settlement: Settlement): Settled {
  const { lines, bill, now } = settlement
  const id = stepName(settlement)
  const lease = rows.lease('hold', id)
  if (lease?.done === true || (lease === undefined && lines.length === 0)) return 'booked'
  if (now > settlement.notAfter) return 'late'
  if (lease !== undefined) giveBack(rows, lease)
  rows.saveLease({ kind: 'hold', id, places: [], amount: 0n, expires: now + REMEMBERED_MS, done: true })
  const booked = lines.map((line) => {
    const { ends, spent } = accountOf(rows, line)
    rows.saveAccount(line.account, line.per, { ends, spent: spent + atLeastZero(bill) })
    return { account: line.account, per: line.per, ends: Number.isFinite(ends) ? ends : null }
  })
  sql
    .prepare('insert into ledger (id, shard, at, bill, lines, paid, open) values (?, ?, ?, ?, ?, ?, ?)')
    .run(
      settlement.id,
      settlement.shard,
      now,
      String(atLeastZero(bill)),
      JSON.stringify(booked),
      JSON.stringify(settlement.paid ?? null),
      JSON.stringify(
        (settlement.elsewhere ?? []).map((one) => ({
          ...one,
          lines: one.lines.map((line) => ({ ...line, ends: Number.isFinite(line.ends) ? line.ends : null })),
        })),
      ),
    )
  return 'booked'
}

function release1(rows: Rows, step: StepId, now: number): void {
  const id = stepName(step)
  const lease = rows.lease('hold', id)
  if (lease?.done === true) return
  if (lease) giveBack(rows, lease)
  rows.saveLease({ kind: 'hold', id, places: [], amount: 0n, expires: now + REMEMBERED_MS, done: true })
}

function spend(rows: Rows, lines: readonly Booked[], now: number): readonly Spend[] {
  sweep(rows, now, Number.MAX_SAFE_INTEGER)
  return lines.map((line) => ({ spent: accountOf(rows, line).spent, held: rows.held(line.account) }))
}

function accountOf(rows: Rows, line: Booked): Account {
  const account = rows.account(line.account, line.per)
  if (account === undefined) return { ends: line.ends, spent: 0n }
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
