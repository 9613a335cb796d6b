import type { DatabaseSync } from 'node:sqlite'
import type { Notes } from './memory-notes.ts'

/** What operators wrote, in the file: every process that has it open reads the same. */
export function prepareNotes(db: DatabaseSync): Notes {
  const all = db.prepare('select name, value from note where kind = ? order by name')
  const get = db.prepare('select value from note where kind = ? and name = ?')
  const put = db.prepare('insert or replace into note values (?, ?, ?)')
  const remove = db.prepare('delete from note where kind = ? and name = ?')
  return {
    notes: (kind) => new Map(all.all(kind).map((row) => [String(row['name']), String(row['value'])])),
    note(kind, name) {
      const value = get.get(kind, name)?.['value']
      return typeof value === 'string' ? value : undefined
    },
    write: (kind, name, value) => void put.run(kind, name, value),
    erase: (kind, name) => remove.run(kind, name).changes === 1,
  }
}
