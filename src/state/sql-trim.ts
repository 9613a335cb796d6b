import { readLines } from './ledger-text.ts'
import { prepareMarks } from './sql-marks.ts'
import { stored, storedEnds, toBigInt } from './sql-values.ts'
import type { Local, Sql } from './sql.ts'

/** Accounts and periods that rows from before a time name: those that are open and kept, once the others are forgotten. */
const NAMED =
  "select json_extract(value, '$[0]'), json_extract(value, '$[1]') from ledger, json_each(ledger.lines) where at < ?"

/** Forgets rows, the oldest first. Once none is left that may be, sums of periods that were over by then go too. */
export function prepareTrim(sql: Sql): Pick<Local, 'trim' | 'forgotten'> {
  const old = sql.prepare(
    'select seq, at, cast(bill as text) as bill, lines from ledger where at < ? and seq not in (select seq from unbooked) order by at limit ?',
  )
  const carry = sql.prepare(
    `insert into carried (name, per, ends, spent) values (?, ?, ?, ?)
     on conflict (name, per, ifnull(ends, -1)) do update set spent = spent + excluded.spent`,
  )
  const remove = sql.prepare('delete from ledger where seq = ?')
  const over = ['carried', 'account'].map((table) =>
    sql.prepare(`delete from ${table} where ends <= ? and (name, per) not in (${NAMED})`),
  )
  const marks = prepareMarks(sql)
  return {
    forgotten: () => marks.get('forgotten'),
    trim: (before, most) =>
      sql.step(() => {
        const rows = old.all(before, most)
        for (const { seq, bill, lines } of rows) {
          for (const { account, per, ends } of readLines(String(lines)))
            carry.run(account, per, storedEnds(ends), stored(toBigInt(bill)))
          remove.run(Number(seq))
        }
        const last = rows.at(-1)?.['at']
        if (last !== undefined) marks.set('forgotten', Math.max(marks.get('forgotten'), Number(last) + 1))
        if (rows.length < most) for (const table of over) table.run(before, before)
        return rows.length
      }),
  }
}
