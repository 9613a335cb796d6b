import type { Local, Sql } from './sql.ts'

/** What operators wrote, where all instances read the same. */
export function prepareNotes(sql: Sql): Pick<Local, 'notes' | 'note' | 'write' | 'erase'> {
  const all = sql.prepare('select name, value from note where kind = ? order by name')
  const get = sql.prepare('select value from note where kind = ? and name = ?')
  const put = sql.prepare('insert or replace into note values (?, ?, ?)')
  const remove = sql.prepare('delete from note where kind = ? and name = ? returning 1')
  return {
    notes: (kind) => new Map(all.all(kind).map((row) => [String(row['name']), String(row['value'])])),
    note(kind, name) {
      const value = get.get(kind, name)?.['value']
      return typeof value === 'string' ? value : undefined
    },
    write: (kind, name, value) => void put.run(kind, name, value),
    erase: (kind, name) => remove.get(kind, name) !== undefined,
  }
}
