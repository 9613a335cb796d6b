import { compare } from '#src/core/compare.ts'
import { formatUsd, toUsdNumber } from '#src/core/money.ts'
import type { Costs, Summary, Tally } from './replay-summary.ts'

/** A replayed log. */
export interface Report {
  readonly log: string
  readonly epoch: string
  /** Epoch of the other configuration; undefined: against what was recorded. */
  readonly against?: string
  readonly summary: Summary
  /** Lines that are no decisions. */
  readonly skipped: number
  /** Decisions of a version that logged too little to replay them. */
  readonly withoutInputs: number
}

/** The report as one object, for `--json`: names in snake_case, money in USD. */
export function replayJson({ epoch, against, summary, skipped, withoutInputs }: Report): object {
  const { total, unchanged, fallbacksChanged } = summary
  return {
    epoch,
    ...(against !== undefined && { against }),
    total,
    unchanged,
    fallbacks_changed: fallbacksChanged,
    moved: { ...summary.moved, by: moves(summary).map(([from, to, count]) => ({ from, to, count })) },
    newly_allowed: summary.newlyAllowed,
    newly_denied: { ...summary.newlyDenied, by_rule: tallies(summary.deniedByRule, 'rule') },
    stranded: { ...summary.stranded, by_code: tallies(summary.strandedByCode, 'code') },
    unknown_key: sorted(summary.unknownKeys).map(([key, tally]) => ({ key: keyJson(key), ...tally })),
    cost_usd: {
      ...costJson(summary.cost),
      by_key: costRows(summary.costByKey).map(([key, cost]) => ({ key: keyJson(key), ...costJson(cost) })),
      by_model: costRows(summary.costByModel).map(([model, cost]) => ({ model, ...costJson(cost) })),
    },
    skipped_lines: skipped,
    without_inputs: withoutInputs,
  }
}

/** null: a caller without one. */
function keyJson(key: string): string | null {
  return key === '' ? null : key
}

function tallies(map: ReadonlyMap<string, Tally>, name: string): readonly object[] {
  return sorted(map).map(([value, tally]) => ({ [name]: value, ...tally }))
}

function costJson({ before, after, unpricedBefore, unpricedAfter }: Costs): object {
  return {
    before: toUsdNumber(before),
    after: toUsdNumber(after),
    unpriced_before: unpricedBefore,
    unpriced_after: unpricedAfter,
  }
}

/** The report as a person reads it: what changes, whom it leaves without a target, what it costs. */
export function renderReplay({ log, epoch, against, summary, skipped, withoutInputs }: Report): string {
  const than = against === undefined ? 'what was recorded' : `epoch ${against}`
  const lines = [
    `${summary.total} requests of ${log}: epoch ${epoch} against ${than}`,
    row('unchanged', summary.unchanged),
    row('the same first target, other fallbacks', summary.fallbacksChanged),
    row('moved', summary.moved.count, summary.moved.examples),
    ...shortened(moves(summary).map(([from, to, count]) => row(`  ${from} → ${to}`, count))),
    row('newly allowed', summary.newlyAllowed.count, summary.newlyAllowed.examples),
    row('left without a target', summary.stranded.count, summary.stranded.examples),
    ...shortened(tallyRows(summary.strandedByCode)),
    row('newly denied by a rule', summary.newlyDenied.count, summary.newlyDenied.examples),
    ...shortened(tallyRows(summary.deniedByRule)),
    ...shortened(unknownKeys(summary)),
    `  ${costText('cost', summary.cost)}`,
    ...shortened(costRows(summary.costByKey).map(([key, cost]) => `    ${costText(`key ${key || '(none)'}`, cost)}`)),
    ...shortened(costRows(summary.costByModel).map(([model, cost]) => `    ${costText(`model ${model}`, cost)}`)),
    ...(skipped > 0 ? [`  ${skipped} lines are no decisions`] : []),
    ...(withoutInputs > 0 ? [`  ${withoutInputs} decisions hold no \`inputs.signals\` and were not replayed`] : []),
  ]
  return lines.join('\n')
}

function row(name: string, count: number, examples: readonly string[] = []): string {
  return `  ${name}: ${count}${examples.length > 0 ? ` (${examples.join(', ')}${count > examples.length ? ', …' : ''})` : ''}`
}

function tallyRows(map: ReadonlyMap<string, Tally>): readonly string[] {
  return sorted(map).map(([name, { count, examples }]) => row(`  ${name}`, count, examples))
}

function unknownKeys({ unknownKeys: keys }: Summary): readonly string[] {
  return sorted(keys).map(([key, { count, examples }]) =>
    row(key === '' ? 'without a key, which is needed now' : `key \`${key}\` is not in the new file`, count, examples),
  )
}

function costText(name: string, { before, after, unpricedBefore, unpricedAfter }: Costs): string {
  const unpriced =
    unpricedBefore + unpricedAfter > 0 ? `; price unknown: ${unpricedBefore} before, ${unpricedAfter} after` : ''
  return `${name}: ${formatUsd(before)} USD before, ${formatUsd(after)} after${unpriced}`
}

/** Rows of a kind that a person is shown; `--json` has all. */
const ROWS = 20

function shortened(rows: readonly string[]): readonly string[] {
  return rows.length <= ROWS ? rows : [...rows.slice(0, ROWS), `    … and ${rows.length - ROWS} more`]
}

/** Most first, then by name. */
function sorted(map: ReadonlyMap<string, Tally>): readonly (readonly [string, Tally])[] {
  return [...map].toSorted(([a, one], [b, other]) => other.count - one.count || compare(a, b))
}

function moves({ moves: map }: Summary): readonly (readonly [string, string, number])[] {
  return [...map.values()]
    .toSorted((a, b) => b.count - a.count || compare(a.from, b.from) || compare(a.to, b.to))
    .map(({ from, to, count }) => [from, to, count] as const)
}

function costRows(map: ReadonlyMap<string, Costs>): readonly (readonly [string, Costs])[] {
  return [...map].toSorted(([a], [b]) => compare(a, b))
}
