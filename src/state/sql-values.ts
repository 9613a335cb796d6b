const LARGEST = 9_223_372_036_854_775_807n

/** Of a column that was read as text. */
export function toBigInt(value: unknown): bigint {
  return typeof value === 'string' ? BigInt(value) : 0n
}

/** As an integer column takes it whole. SQLite's largest integer is nine billion dollars: more than that is kept as that. */
export function stored(amount: bigint): string {
  return String(amount > LARGEST ? LARGEST : amount)
}

/** null never ends. */
export function toEnds(value: unknown): number {
  return typeof value === 'number' ? value : Infinity
}

/** null: never. */
export function storedEnds(ends: number): number | null {
  return Number.isFinite(ends) ? ends : null
}
