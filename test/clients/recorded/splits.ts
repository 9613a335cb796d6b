import { LONG } from '../../support/law.ts'
import type { Split } from './replay.ts'

const RUNS = Number(process.env['TUTTI_LAW_RUNS'] ?? 1)
const SEEDS = LONG ? Math.min(50, RUNS) : 1

/** Every way in which bytes arrive; more seeds in the long form. */
export const SPLITS: readonly Split[] = [
  'whole',
  'event',
  'line',
  'utf8',
  ...Array.from({ length: SEEDS }, (_, index) => `random ${index + 1}` as const),
]
