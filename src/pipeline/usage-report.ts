import type { LedgerRow, Paid } from '#src/core/ledger.ts'
import { toUsdNumber, type NanoUsd } from '#src/core/money.ts'

/** By what a report adds up. An attempt of several tags counts with each. */
export const GROUPINGS = ['key', 'tenant', 'team', 'user', 'model', 'target', 'endpoint', 'day', 'tag'] as const
export type Grouping = (typeof GROUPINGS)[number]

interface Sums {
  attempts: number
  answered: number
  input: number
  cachedInput: number
  output: number
  cost: NanoUsd
  /** Of `cost`, what is an estimate. */
  estimated: NanoUsd
  /** Attempts whose price nobody knows: they count as 0. */
  unpriced: number
}

export type UsageLine = Readonly<Record<string, string | number | null>>

export interface UsageReport {
  readonly total: UsageLine
  /** The dearest first. */
  readonly groups: readonly UsageLine[]
}

/** Adds rows of the ledger up; those that are booked for another shard's row are passed over. */
export function createUsageReport(by: readonly Grouping[]): { add(row: LedgerRow): void; report(): UsageReport } {
  const total = nothing()
  const groups = new Map<string, { readonly names: UsageLine; readonly sums: Sums }>()
  return {
    add({ paid, bill, at }) {
      if (!paid) return
      count(total, paid, bill)
      for (const names of namesOf(by, { paid, at })) {
        const name = JSON.stringify(names)
        const group = groups.get(name) ?? { names, sums: nothing() }
        groups.set(name, group)
        count(group.sums, paid, bill)
      }
    },
    report: () => ({
      total: lineOf(total),
      groups: [...groups.values()]
        .toSorted((a, b) => (a.sums.cost === b.sums.cost ? 0 : a.sums.cost < b.sums.cost ? 1 : -1))
        .map(({ names, sums }) => ({ ...names, ...lineOf(sums) })),
    }),
  }
}

function nothing(): Sums {
  return { attempts: 0, answered: 0, input: 0, cachedInput: 0, output: 0, cost: 0n, estimated: 0n, unpriced: 0 }
}

function count(sums: Sums, paid: Paid, bill: NanoUsd): void {
  sums.attempts++
  if (paid.outcome === 'answered') sums.answered++
  sums.input += paid.input ?? 0
  sums.cachedInput += paid.cachedInput ?? 0
  sums.output += paid.output ?? 0
  sums.cost += bill
  if (paid.estimated) sums.estimated += bill
  if (paid.unpriced) sums.unpriced++
}

function lineOf({ attempts, answered, input, cachedInput, output, cost, estimated, unpriced }: Sums): UsageLine {
  return {
    attempts,
    answered,
    input_tokens: input,
    cached_input_tokens: cachedInput,
    output_tokens: output,
    cost_usd: toUsdNumber(cost),
    estimated_usd: toUsdNumber(estimated),
    unpriced_attempts: unpriced,
  }
}

interface Named {
  readonly paid: Paid
  readonly at: number
}

/** One for each tag, where it is by tag. */
function namesOf(by: readonly Grouping[], { paid, at }: Named): readonly UsageLine[] {
  const tags = by.includes('tag') && paid.tags?.length ? [...new Set(paid.tags)] : [null]
  return tags.map((tag) =>
    Object.fromEntries(by.map((one) => [one, one === 'tag' ? tag : nameOf(one, { paid, at })] as const)),
  )
}

function nameOf(by: Exclude<Grouping, 'tag'>, { paid, at }: Named): string | null {
  return by === 'day' ? new Date(at).toISOString().slice(0, 10) : (paid[by] ?? null)
}
