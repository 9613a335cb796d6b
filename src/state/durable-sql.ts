import type { Sql, SqlRow, SqlValue } from './sql.ts'

/** What an object notes of itself. */
type Noted = string | number | boolean

/** The part of a Durable Object's storage that keeps state. */
export interface DurableStorage {
  readonly sql: { exec(text: string, ...values: SqlValue[]): { toArray(): SqlRow[] } }
  readonly kv: {
    get(key: string): Noted | undefined
    put(key: string, value: Noted): void
    delete(key: string): boolean
    /** In the order of their keys. */
    list(query: { readonly prefix: string; readonly start: string; readonly limit: number }): Iterable<[string, Noted]>
  }
  transactionSync<Result>(run: () => Result): Result
  /** ms since 1970; null: none is set. */
  getAlarm(): Promise<number | null>
  setAlarm(at: number): Promise<void>
  deleteAlarm(): Promise<void>
}

/** A Durable Object's SQLite. The runtime keeps statements prepared by their text. */
export function durableSql(storage: DurableStorage): Sql {
  const { sql } = storage
  return {
    prepare(text) {
      const all = (...values: SqlValue[]): SqlRow[] => sql.exec(text, ...values).toArray()
      return { all, run: all, get: (...values) => all(...values)[0] }
    },
    step: (run) => storage.transactionSync(run),
    // Nothing else happens in an object meanwhile.
    read: (run) => run(),
  }
}
