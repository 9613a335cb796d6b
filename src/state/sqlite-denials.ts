import type { DatabaseSync } from 'node:sqlite'
import type { StateStore } from '#src/core/state-store.ts'

/** What operators have denied, in the file: every process that has it open reads the same. */
export function prepareDenials(db: DatabaseSync): Pick<StateStore, 'denied' | 'deny' | 'lift'> {
  const all = db.prepare('select name, value from denial order by name')
  const put = db.prepare('insert or replace into denial values (?, ?)')
  const remove = db.prepare('delete from denial where name = ?')
  return {
    denied: () => new Map(all.all().map((row) => [String(row['name']), String(row['value'])])),
    deny: (name, value) => void put.run(name, value),
    lift: (name) => remove.run(name).changes === 1,
  }
}
