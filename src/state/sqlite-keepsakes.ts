import type { DatabaseSync } from 'node:sqlite'
import type { Keepsake, KeepsakeKey, Recall, StateStore } from '#src/core/state-store.ts'

/** Expired rows that are removed a step, more than a step commonly adds. */
const SWEEP = 16

/** What is kept for callers, in the file. `step` runs one transaction. */
export function prepareKeepsakes(
  db: DatabaseSync,
  step: <Result>(run: () => Result) => Result,
): Pick<StateStore, 'keep' | 'recall' | 'forget'> {
  const put = db.prepare('insert or replace into keepsake values (?, ?, ?, ?, ?)')
  const get = db.prepare('select value from keepsake where owner = ? and kind = ? and id = ? and expires > ?')
  const remove = db.prepare('delete from keepsake where owner = ? and kind = ? and id = ?')
  const sweep = db.prepare(
    `delete from keepsake where rowid in (select rowid from keepsake where expires <= ? limit ${SWEEP})`,
  )
  return {
    keep(keepsakes: readonly Keepsake[], now: number): void {
      step(() => {
        sweep.run(now)
        for (const { owner, kind, id, value, expiresAt } of keepsakes) put.run(owner, kind, id, value, expiresAt)
      })
    },
    recall({ owner, kind, ids, now }: Recall): ReadonlyMap<string, string> {
      const found = new Map<string, string>()
      for (const id of ids) {
        const value = get.get(owner, kind, id, now)?.['value']
        if (typeof value === 'string') found.set(id, value)
      }
      return found
    },
    forget: ({ owner, kind, id }: KeepsakeKey): boolean => step(() => remove.run(owner, kind, id).changes === 1),
  }
}
