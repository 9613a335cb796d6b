import type { DatabaseSync } from 'node:sqlite'
import type { Keepsake, KeepsakeKey, Recall, StateStore } from '#src/core/state-store.ts'

/** Expired rows that are removed a step, more than a step commonly adds. */
const SWEEP = 16

/** What is kept for callers, in the file. `step` runs one transaction. */
export function prepareKeepsakes(
  db: DatabaseSync,
  step: <Result>(run: () => Result) => Result,
): Pick<StateStore, 'keep' | 'claim' | 'recall' | 'forget'> {
  const put = db.prepare('insert or replace into keepsake values (?, ?, ?, ?, ?)')
  const get = db.prepare('select value from keepsake where owner = ? and kind = ? and id = ? and expires > ?')
  const remove = db.prepare('delete from keepsake where owner = ? and kind = ? and id = ?')
  const sweep = db.prepare(
    `delete from keepsake where rowid in (select rowid from keepsake where expires <= ? limit ${SWEEP})`,
  )
  function save({ owner, kind, id, value, expiresAt }: Keepsake): void {
    put.run(owner, kind, id, value, expiresAt)
  }
  function valueOf({ owner, kind, id }: KeepsakeKey, now: number): string | undefined {
    const value = get.get(owner, kind, id, now)?.['value']
    return typeof value === 'string' ? value : undefined
  }
  return {
    keep(keepsakes: readonly Keepsake[], now: number): void {
      step(() => {
        sweep.run(now)
        for (const keepsake of keepsakes) save(keepsake)
      })
    },
    claim: (keepsake: Keepsake, now: number): string | undefined =>
      step(() => {
        const there = valueOf(keepsake, now)
        if (there === undefined) save(keepsake)
        return there
      }),
    recall({ owner, kind, ids, now }: Recall): ReadonlyMap<string, string> {
      const found = new Map<string, string>()
      for (const id of ids) {
        const value = valueOf({ owner, kind, id }, now)
        if (value !== undefined) found.set(id, value)
      }
      return found
    },
    forget: ({ owner, kind, id }: KeepsakeKey): boolean => step(() => remove.run(owner, kind, id).changes === 1),
  }
}
