import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'

const LARGEST = 9_223_372_036_854_775_807n

/** A statement whose integers are read whole. */
export function prepare(db: DatabaseSync, sql: string): ReturnType<DatabaseSync['prepare']> {
  const statement = db.prepare(sql)
  statement.setReadBigInts(true)
  return statement
}

export function toBigInt(value: SQLOutputValue | undefined): bigint {
  return typeof value === 'bigint' ? value : 0n
}

/** SQLite's largest integer is nine billion dollars: more than that is kept as that. */
export function stored(amount: bigint): bigint {
  return amount > LARGEST ? LARGEST : amount
}

/** null never ends. */
export function toEnds(value: SQLOutputValue | undefined): number {
  return value === null || value === undefined ? Infinity : Number(value)
}
