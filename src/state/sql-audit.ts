import { isPeriod } from '#src/core/key.ts'
import type { Difference } from '#src/core/ledger.ts'
import { differences, type Sum } from './audit.ts'
import { atLeastZero } from './budget.ts'
import { prepareMarks } from './sql-marks.ts'
import { stored, storedEnds, toBigInt, toEnds } from './sql-values.ts'
import type { Local, Sql, SqlRow } from './sql.ts'

/** Adds all rows up as they are at one moment, while others write; what differs is then mended in a step that takes no longer for a long ledger. */
export function prepareAudit(sql: Sql): Local['audit'] {
  const counters = sql.prepare('select name, per, ends, cast(spent as text) as spent from account')
  const sums = sql.prepare(
    `select name, per, ends, cast(spent as text) as spent from carried union all
     select json_extract(value, '$[0]') as name, json_extract(value, '$[1]') as per, json_extract(value, '$[2]') as ends, cast(sum(bill) as text) as spent
     from ledger, json_each(ledger.lines) group by 1, 2, 3`,
  )
  const marks = prepareMarks(sql)
  const mend = prepareMend(sql)
  const look = (): { readonly found: readonly Difference[]; readonly mends: number } =>
    sql.read(() => ({
      found: differences(counters.all().flatMap(toSum), sums.all().flatMap(toSum)),
      mends: marks.get('mends'),
    }))
  return (repair) => {
    for (;;) {
      const { found, mends } = look()
      if (!repair || found.length === 0) return found
      const mended = sql.step(() => {
        // What another one mended meanwhile must not be mended twice.
        if (marks.get('mends') !== mends) return false
        for (const difference of found) mend(difference)
        marks.set('mends', mends + 1)
        return true
      })
      if (mended) return found
    }
  }
}

/** By the difference, which is the same however many bills came since: they are in the account and in the ledger. */
function prepareMend(sql: Sql): (difference: Difference) => void {
  const get = sql.prepare('select ends, cast(spent as text) as spent from account where name = ? and per = ?')
  const put = sql.prepare('insert or replace into account (name, per, ends, spent) values (?, ?, ?, ?)')
  return ({ account, per, ends, counted, ledger }) => {
    const row = get.get(account, per)
    const known = row ? toEnds(row['ends']) : -Infinity
    // Its period turned since, or was over and was forgotten.
    if (known > ends || (!row && counted > 0n)) return
    const spent = known === ends ? toBigInt(row?.['spent']) : 0n
    put.run(account, per, storedEnds(ends), stored(atLeastZero(spent + ledger - counted)))
  }
}

function toSum(row: SqlRow): readonly Sum[] {
  const { per } = row
  if (!isPeriod(per)) return []
  return [{ account: String(row['name']), per, ends: toEnds(row['ends']), spent: toBigInt(row['spent']) }]
}
