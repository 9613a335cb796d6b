import { appendFileSync } from 'node:fs'

const { TUTTI_LAW_COUNTS: counts } = process.env

/** `npm run laws:long`: the same code with more cases. */
export const LONG = counts !== undefined

/** Says how many cases a test has tried, for its row in RESULTS.md. */
export function reached(cases: number): void {
  if (counts !== undefined) appendFileSync(counts, `${cases}\n`)
}
