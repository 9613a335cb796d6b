import type { Sql } from './sql.ts'

/** `mends`: how often accounts were made what the ledger says; `forgotten`: ms since 1970 before which rows may have been forgotten. */
type Mark = 'mends' | 'forgotten'

/** Numbers that a ledger notes of itself; 0 until then. */
export interface Marks {
  get(mark: Mark): number
  set(mark: Mark, value: number): void
}

export function prepareMarks(sql: Sql): Marks {
  const get = sql.prepare("select value from note where kind = 'ledger' and name = ?")
  const put = sql.prepare("insert or replace into note (kind, name, value) values ('ledger', ?, ?)")
  return {
    get: (mark) => Number(get.get(mark)?.['value'] ?? 0),
    set: (mark, value) => void put.run(mark, String(value)),
  }
}
