import { appendFileSync } from 'node:fs'
import { afterAll } from 'vitest'

const { TUTTI_LAW_COUNTS: counts } = process.env

/** `npm run laws:long`: the same code with more cases. */
export const LONG = counts !== undefined

let total = 0

/** Says how many cases a test has tried: a file's sum stands in its law's row of RESULTS.md. */
export function reached(cases: number): void {
  total += cases
}

/** Says what a long form has measured: it stands behind the cases. */
export function measured(name: string, value: number): void {
  console.log(`${name} ${value.toFixed(2)}`)
  if (counts !== undefined) appendFileSync(counts, `${name}=${value.toFixed(2)}\n`)
}

afterAll(() => {
  if (counts !== undefined && total > 0) appendFileSync(counts, `${total}\n`)
})
