import type { LedgerRow } from '#src/core/ledger.ts'
import type { Settlement } from '#src/core/state-store.ts'
import { readLines, readPaid, writeLines } from './ledger-text.ts'
import { prepareAudit } from './sql-audit.ts'
import { prepareTrim } from './sql-trim.ts'
import { stored, toBigInt } from './sql-values.ts'
import type { Local, Sql, SqlRow } from './sql.ts'

export interface SqlLedger extends Pick<Local, 'confirm' | 'open' | 'ledger' | 'audit' | 'trim' | 'forgotten'> {
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
    ...prepareTrim(sql),
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
  const page = sql.prepare(`select ${columns} from ledger where seq > ? and seq <= ? order by seq limit ?`)
  const bounds = prepareBounds(sql)
  const opened = sql.prepare(
    `select ${columns} from ledger where seq in (select seq from unbooked where at >= ? and at < ? order by at limit ?) order by seq`,
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
    after: (seq, most) => page.all(seq, LAST, most).map((row) => ({ seq: Number(row['seq']), row: toRow(row) })),
    open: ({ from = 0, to = Infinity, most }) => opened.all(from, to, most).map(toRow),
    ledger({ from = 0, to = Infinity, cursor, most }) {
      const { after, last } = cursor === undefined ? bounds(from, to) : readCursor(cursor)
      const found = page.all(after, last, most + 1)
      const visited = found.slice(0, most)
      // A page looks at no more rows than it may have: of what lies between others it has fewer, or none.
      const rows = visited.filter(({ at }) => Number(at) >= from && Number(at) < to).map(toRow)
      if (found.length <= most) return { rows }
      return { rows, cursor: writeCursor({ after: Number(visited.at(-1)?.['seq'] ?? after), last }) }
    },
  }
}

/** Above every `seq`. */
const LAST = Number.MAX_SAFE_INTEGER

/** Where reading goes on, by `seq`: behind the one, up to the other. */
interface Bounds {
  readonly after: number
  readonly last: number
}

/**
 * Between which rows those of a time lie, asked once for all pages. Rows are almost in the order of their times: clocks of several processes differ, and
 * are put back.
 */
function prepareBounds(sql: Sql): (from: number, to: number) => Bounds {
  const times = sql.prepare('select (select min(at) from ledger) as first, (select max(at) from ledger) as last')
  const within = sql.prepare('select min(seq) as first, max(seq) as last from ledger where at >= ? and at < ?')
  return (from, to) => {
    const all = times.get()
    if (from <= Number(all?.['first']) && to > Number(all?.['last'])) return { after: 0, last: LAST }
    const found = within.get(from, to)
    return { after: Number(found?.['first'] ?? 1) - 1, last: Number(found?.['last'] ?? 0) }
  }
}

function writeCursor({ after, last }: Bounds): string {
  return `${after}-${last}`
}

function readCursor(cursor: string): Bounds {
  const [after, last] = cursor.split('-')
  return { after: Number(after), last: Number(last ?? LAST) }
}
