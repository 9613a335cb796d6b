import type { CostNote } from '#src/core/dialect.ts'
import { editJson, fieldOf, scanObject, type Edit, type Field } from '#src/core/json-scan.ts'
import { formatUsd } from '#src/core/money.ts'

/**
 * The JSON text of an answer, or of one event's data, with `cost` (USD) in its usage object, which stands at `path`. All else stays byte for
 * byte, and so does a text without a usage object. A cost that the upstream wrote stays its own, unless it does not know it (another tutti).
 */
export function addCostAt(text: string, path: readonly string[], note: CostNote): string {
  try {
    let at = 0
    for (const name of path) {
      const field = fieldOf(scanObject(text, at), name)
      if (field === undefined || text[field.start] !== '{') return text
      at = field.start
    }
    const fields = scanObject(text, at)
    const written = fieldOf(fields, 'cost')
    const known = written !== undefined && text.slice(written.start, written.end) !== '"unknown"'
    const edits = editsFor(note, known)
    if (edits.length === 0) return text
    const end = endOf(text, at, fields)
    return text.slice(0, at) + editJson(text.slice(at, end), edits) + text.slice(end)
  } catch {
    // Not JSON: the caller gets what came.
    return text
  }
}

/** Behind the brace that closes the object. */
function endOf(text: string, start: number, fields: readonly Field[]): number {
  return text.indexOf('}', fields.at(-1)?.end ?? start) + 1
}

function editsFor({ bill, route }: CostNote, known: boolean): readonly Edit[] {
  const edits: Edit[] = []
  if (!known) {
    edits.push({ op: 'set', key: 'cost', value: bill.cost === 'unknown' ? '"unknown"' : formatUsd(bill.cost) })
    if (bill.estimated) edits.push({ op: 'set', key: 'estimated', value: 'true' })
  }
  if (route !== undefined) {
    edits.push({ op: 'set', key: 'target', value: JSON.stringify(route.target) })
    edits.push({ op: 'set', key: 'attempts', value: String(route.attempts) })
  }
  return edits
}
