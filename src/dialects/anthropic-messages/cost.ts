import type { CostNote } from '#src/core/dialect.ts'
import { addCostAt } from '../shared/cost.ts'

/** Puts the cost into `usage` of a message, or of a `message_delta`. */
export function addCost(text: string, note: CostNote): string {
  return addCostAt(text, ['usage'], note)
}
