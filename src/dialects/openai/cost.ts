import type { CostNote } from '#src/core/dialect.ts'
import { editJson, fieldOf, scanObject, type Edit, type Field } from '#src/core/json-scan.ts'
import { formatUsd } from '#src/core/money.ts'

/**
 * The JSON text of an answer, or of one event's data, with `cost` (USD) in its `usage` object. All else stays byte for byte, and so does a
 * text without a usage object. A cost that the upstream wrote stays its own.
 */
export function addCost(text: string, note: CostNote): string {
  try {
    const usage = fieldOf(scanObject(text), 'usage')
    if (usage === undefined || text[usage.start] !== '{') return text
    const edits = editsFor(scanObject(text, usage.start), note)
    if (edits.length === 0) return text
    const value = editJson(text.slice(usage.start, usage.end), edits)
    return text.slice(0, usage.start) + value + text.slice(usage.end)
  } catch {
    // Not JSON: the caller gets what came.
    return text
  }
}

function editsFor(usage: readonly Field[], { bill, route }: CostNote): readonly Edit[] {
  const edits: Edit[] = []
  if (fieldOf(usage, 'cost') === undefined) {
    edits.push({ op: 'set', key: 'cost', value: bill.cost === 'unknown' ? '"unknown"' : formatUsd(bill.cost) })
    if (bill.estimated) edits.push({ op: 'set', key: 'estimated', value: 'true' })
  }
  if (route !== undefined) {
    edits.push({ op: 'set', key: 'target', value: JSON.stringify(route.target) })
    edits.push({ op: 'set', key: 'attempts', value: String(route.attempts) })
  }
  return edits
}
