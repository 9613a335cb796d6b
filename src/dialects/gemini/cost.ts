import type { CostNote } from '#src/core/dialect.ts'
import { addCostAt } from '../shared/cost.ts'

/** Puts the cost into `usageMetadata` of an answer or an event. */
export function addCost(text: string, note: CostNote): string {
  return addCostAt(text, ['usageMetadata'], note)
}
