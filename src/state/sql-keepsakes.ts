import type { Keepsake, KeepsakeKey, Recall } from '#src/core/state-store.ts'
import type { Local, Sql } from './sql.ts'

/** Expired rows that are removed a step, more than a step commonly adds. */
const SWEEP = 16

/** What is kept for callers. */
export function prepareKeepsakes(sql: Sql): Pick<Local, 'keep' | 'claim' | 'recall' | 'forget'> {
  const put = sql.prepare('insert or replace into keepsake values (?, ?, ?, ?, ?)')
  const get = sql.prepare('select value from keepsake where owner = ? and kind = ? and id = ? and expires > ?')
  const remove = sql.prepare('delete from keepsake where owner = ? and kind = ? and id = ? returning 1')
  const sweep = sql.prepare(
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
      sql.step(() => {
        sweep.run(now)
        for (const keepsake of keepsakes) save(keepsake)
      })
    },
    claim: (keepsake: Keepsake, now: number): string | undefined =>
      sql.step(() => {
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
    forget: ({ owner, kind, id }: KeepsakeKey): boolean => remove.get(owner, kind, id) !== undefined,
  }
}
