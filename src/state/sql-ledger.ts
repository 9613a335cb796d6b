import { isPeriod } from '#src/core/key.ts'
import type { Booked, LedgerRow } from '#src/core/ledger.ts'
import type { Settlement } from '#src/core/state-store.ts'
import { differences, type Sum } from './audit.ts'
import { readLines, readPaid, writeLines } from './ledger-text.ts'
import type { Local, Sql, SqlRow } from './sql.ts'
import { stored, storedEnds, toBigInt, toEnds } from './sql-values.ts'

type Reading = Pick<Local, 'confirm' | 'open' | 'ledger' | 'audit' | 'trim'>

export interface SqlLedger extends Reading {
  /** Within the step that books it. */
  write(settlement: Settlement): void
  /** Rows with their places in the order in which they were written, those after that one. */
  after(seq: number, most: number): readonly { readonly seq: number; readonly row: LedgerRow }[]
}

/** The ledger. */
export function prepareLedger(sql: Sql): SqlLedger {
  const reading = prepareReading(sql)
  const put = sql.prepare('insert into ledger (id, shard, at, bill, lines, paid) values (?, ?, ?, ?, ?, ?)')
  const putOpen = sql.prepare(
    'insert into unbooked (id, shard, other, lines, at, seq) values (?, ?, ?, ?, ?, (select max(seq) from ledger))',
  )
  const booked = sql.prepare('delete from unbooked where id = ? and shard = ? and other = ?')
  return {
    ...reading,
    audit: prepareAudit(sql),
    trim: prepareTrim(sql),
    write({ id, shard, now, bill, lines, paid, elsewhere = [] }) {
      const text = paid === undefined ? null : JSON.stringify(paid)
      put.run(id, shard, Math.floor(now), stored(bill), writeLines(lines), text)
      for (const other of elsewhere) putOpen.run(id, shard, other.shard, writeLines(other.lines), Math.floor(now))
    },
    confirm({ id, shard }, other) {
      booked.run(id, shard, other)
    },
  }
}

function prepareReading(sql: Sql): Pick<SqlLedger, 'open' | 'ledger' | 'after'> {
  const columns = 'seq, id, shard, at, cast(bill as text) as bill, lines, paid'
  const page = sql.prepare(`select ${columns} from ledger where seq > ? and at >= ? and at < ? order by seq limit ?`)
  const opened = sql.prepare(
    `select ${columns} from ledger where seq in (select seq from unbooked where at < ? order by at limit ?) order by seq`,
  )
  const openAt = sql.prepare('select other, lines from unbooked where id = ? and shard = ?')
  function toRow(row: SqlRow): LedgerRow {
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
    after: (seq, most) =>
      page.all(seq, 0, Number.MAX_SAFE_INTEGER, most).map((row) => ({ seq: Number(row['seq']), row: toRow(row) })),
    open: (before, most) => opened.all(Math.floor(before), most).map(toRow),
    ledger({ from = 0, to = Number.MAX_SAFE_INTEGER, cursor, most }) {
      const found = page.all(Number(cursor ?? 0), Math.floor(from), Math.floor(to), most + 1)
      const rows = found.slice(0, most)
      const last = rows.at(-1)?.['seq']
      return { rows: rows.map(toRow), ...(found.length > most && { cursor: String(last) }) }
    },
  }
}

function prepareAudit(sql: Sql): Reading['audit'] {
  const counters = sql.prepare('select name, per, ends, cast(spent as text) as spent from account')
  const sums = sql.prepare(
    `select name, per, ends, cast(spent as text) as spent from carried union all
     select json_extract(value, '$[0]') as name, json_extract(value, '$[1]') as per, json_extract(value, '$[2]') as ends, cast(sum(bill) as text) as spent
     from ledger, json_each(ledger.lines) group by 1, 2, 3`,
  )
  const put = sql.prepare('insert or replace into account (name, per, ends, spent) values (?, ?, ?, ?)')
  return (repair) =>
    sql.step(() => {
      const found = differences(counters.all().flatMap(toSum), sums.all().flatMap(toSum))
      if (repair)
        for (const { account, per, ends, ledger } of found) put.run(account, per, storedEnds(ends), stored(ledger))
      return found
    })
}

function toSum(row: SqlRow): readonly Sum[] {
  const { per } = row
  if (!isPeriod(per)) return []
  return [{ account: String(row['name']), per, ends: toEnds(row['ends']), spent: toBigInt(row['spent']) }]
}

function prepareTrim(sql: Sql): Reading['trim'] {
  const old = sql.prepare(
    'select seq, cast(bill as text) as bill, lines from ledger where at < ? and seq not in (select seq from unbooked) order by at limit ?',
  )
  const carry = sql.prepare(
    `insert into carried (name, per, ends, spent) values (?, ?, ?, ?)
     on conflict (name, per, ifnull(ends, -1)) do update set spent = spent + excluded.spent`,
  )
  const remove = sql.prepare('delete from ledger where seq = ?')
  const forget = sql.prepare('delete from carried where ends <= ?')
  return (before, most) =>
    sql.step(() => {
      const latest = Math.floor(before)
      const rows = old.all(latest, most)
      for (const { seq, bill, lines } of rows) {
        for (const { account, per, ends } of readLines(String(lines)).filter(isOpen(latest)))
          carry.run(account, per, storedEnds(ends), stored(toBigInt(bill)))
        remove.run(Number(seq))
      }
      forget.run(latest)
      return rows.length
    })
}

/** A period that was over by then is asked for no more. */
function isOpen(before: number): (line: Booked) => boolean {
  return ({ ends }) => ends > before
}
