import type { CostNote } from '#src/core/dialect.ts'
import { addCostAt } from '../shared/cost.ts'

const USAGE = ['usage']

/** Puts the cost into the `usage` object of an answer or of a chunk. */
export function addCost(text: string, note: CostNote): string {
  return addCostAt(text, USAGE, note)
}
