import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { isPeriod } from '#src/core/key.ts'
import type { Booked, LedgerRow } from '#src/core/ledger.ts'
import type { Settlement, StateStore } from '#src/core/state-store.ts'
import { differences, type Sum } from './audit.ts'
import { readLines, readPaid, writeLines } from './ledger-text.ts'
import { prepare, stored, toBigInt, toEnds } from './sqlite-values.ts'

type Reading = Pick<StateStore, 'confirm' | 'open' | 'ledger' | 'audit' | 'trim'>

export interface SqliteLedger extends Reading {
  /** Within the step that books it. */
  write(settlement: Settlement): void
}

type Step = <Result>(run: () => Result) => Result

/** The ledger in the file. `step` runs one transaction. */
export function prepareLedger(db: DatabaseSync, step: Step): SqliteLedger {
  const reading = prepareReading(db)
  const put = db.prepare('insert into ledger (id, shard, at, bill, lines, paid) values (?, ?, ?, ?, ?, ?)')
  const putOpen = db.prepare('insert into unbooked (id, shard, other, lines, at, seq) values (?, ?, ?, ?, ?, ?)')
  const booked = db.prepare('delete from unbooked where id = ? and shard = ? and other = ?')
  return {
    ...reading,
    audit: prepareAudit(db, step),
    trim: prepareTrim(db, step),
    write({ id, shard, now, bill, lines, paid, elsewhere = [] }) {
      const text = paid === undefined ? null : JSON.stringify(paid)
      const { lastInsertRowid } = put.run(id, shard, Math.floor(now), stored(bill), writeLines(lines), text)
      for (const other of elsewhere)
        putOpen.run(id, shard, other.shard, writeLines(other.lines), Math.floor(now), lastInsertRowid)
    },
    confirm({ id, shard }, other) {
      booked.run(id, shard, other)
    },
  }
}

function prepareReading(db: DatabaseSync): Pick<Reading, 'open' | 'ledger'> {
  const columns = 'seq, id, shard, at, bill, lines, paid'
  const page = prepare(db, `select ${columns} from ledger where seq > ? and at >= ? and at < ? order by seq limit ?`)
  const opened = prepare(
    db,
    `select ${columns} from ledger where seq in (select seq from unbooked where at < ? order by at limit ?) order by seq`,
  )
  const openAt = prepare(db, 'select other, lines from unbooked where id = ? and shard = ?')
  function toRow(row: Record<string, SQLOutputValue>): LedgerRow {
    const [id, shard, paid] = [String(row['id']), String(row['shard']), row['paid']]
    const known = typeof paid === 'string' ? readPaid(paid) : undefined
    return {
      id,
      shard,
      at: Number(row['at']),
      bill: toBigInt(row['bill']),
      lines: readLines(String(row['lines'])),
      ...(known && { paid: known }),
      open: openAt.all(id, shard).map((one) => ({
        shard: String(one['other']),
        lines: readLines(String(one['lines'])),
      })),
    }
  }
  return {
    open: (before, most) => opened.all(Math.floor(before), most).map(toRow),
    ledger({ from = 0, to = Number.MAX_SAFE_INTEGER, cursor, most }) {
      const found = page.all(BigInt(cursor ?? 0), Math.floor(from), Math.floor(to), most + 1)
      const rows = found.slice(0, most)
      const last = rows.at(-1)?.['seq']
      return { rows: rows.map(toRow), ...(found.length > most && { cursor: String(last) }) }
    },
  }
}

function prepareAudit(db: DatabaseSync, step: Step): Reading['audit'] {
  const counters = prepare(db, 'select name, per, ends, spent from account')
  const sums = prepare(
    db,
    `select name, per, ends, spent from carried union all
     select json_extract(value, '$[0]') as name, json_extract(value, '$[1]') as per, json_extract(value, '$[2]') as ends, sum(bill) as spent
     from ledger, json_each(ledger.lines) group by 1, 2, 3`,
  )
  const put = db.prepare('insert or replace into account (name, per, ends, spent) values (?, ?, ?, ?)')
  return (repair) =>
    step(() => {
      const found = differences(counters.all().flatMap(toSum), sums.all().flatMap(toSum))
      if (repair)
        for (const { account, per, ends, ledger } of found)
          put.run(account, per, Number.isFinite(ends) ? ends : null, stored(ledger))
      return found
    })
}

function toSum(row: Record<string, SQLOutputValue>): readonly Sum[] {
  const { per } = row
  if (!isPeriod(per)) return []
  return [{ account: String(row['name']), per, ends: toEnds(row['ends']), spent: toBigInt(row['spent']) }]
}

function prepareTrim(db: DatabaseSync, step: Step): Reading['trim'] {
  const old = prepare(
    db,
    'select seq, bill, lines from ledger where at < ? and seq not in (select seq from unbooked) order by at limit ?',
  )
  const carry = db.prepare(
    `insert into carried (name, per, ends, spent) values (?, ?, ?, ?)
     on conflict (name, per, ifnull(ends, -1)) do update set spent = spent + excluded.spent`,
  )
  const remove = db.prepare('delete from ledger where seq = ?')
  const forget = db.prepare('delete from carried where ends <= ?')
  return (before, most) =>
    step(() => {
      const latest = Math.floor(before)
      const rows = old.all(latest, most)
      for (const { seq = null, bill, lines } of rows) {
        for (const { account, per, ends } of readLines(String(lines)).filter(isOpen(latest)))
          carry.run(account, per, Number.isFinite(ends) ? ends : null, toBigInt(bill))
        remove.run(seq)
      }
      forget.run(latest)
      return rows.length
    })
}

/** A period that was over by then is asked for no more. */
function isOpen(before: number): (line: Booked) => boolean {
  return ({ ends }) => ends > before
}
