import { foldModel, foldText } from '#src/core/fold.ts'
import { usd, type NanoUsd } from '#src/core/money.ts'
import type { Price, Rates } from '#src/core/price.ts'
import type { Provenance, Table } from './data.ts'
import { rows } from './identity.ts'

/** What the tables say of one id of one vendor. Sources are joined: the price is the youngest's that lists the id, sizes are the youngest's that has them. */
export interface ModelRow extends Provenance {
  readonly id: string
  readonly context?: number
  readonly maxOutput?: number
  /** As the table writes it; `priceOf` reads it. */
  readonly cells: readonly string[]
}

export interface VendorTable {
  readonly exact: ReadonlyMap<string, ModelRow>
  /** By `foldText` of the id: other spellings of the same id. */
  spelled(text: string): ModelRow | undefined
  /** By `variantKey`: the same model under another date, tag or quantisation. */
  variants(key: string): readonly ModelRow[]
}

/** Reads one vendor's rows out of all tables. A row: `id|context:maxOutput|input|output|cachedInput|cacheWrite|tiers`, USD per 1M tokens or, as `x5`, times the input. */
export function readVendor(tables: readonly Table[], vendor: string): VendorTable {
  const exact = new Map<string, ModelRow>()
  for (const table of tables.toSorted((one, other) => (one.asOf < other.asOf ? 1 : one.asOf > other.asOf ? -1 : 0))) {
    for (const cells of rows(table.vendors[vendor] ?? '')) {
      const row = rowOf(cells, table)
      const younger = exact.get(row.id)
      exact.set(row.id, younger === undefined ? row : { ...sizes(row), ...younger })
    }
  }
  // Folding a thousand ids takes its time: only for who asks in another spelling.
  let spelled: ReadonlyMap<string, readonly ModelRow[]> | undefined
  let variants: ReadonlyMap<string, readonly ModelRow[]> | undefined
  return {
    exact,
    spelled: (text) => (spelled ??= Map.groupBy(exact.values(), ({ id }) => foldText(id))).get(text)?.[0],
    variants: (key) => (variants ??= Map.groupBy(exact.values(), ({ id }) => variantKey(id))).get(key) ?? [],
  }
}

/** A row's price in nano-USD per 1M tokens; undefined: unknown. */
export function priceOf({ cells, source, asOf }: ModelRow): Price | undefined {
  const rates = ratesOf(cells)
  if (rates === undefined) return undefined
  const tiers = (cells[4] ?? '').split(';').flatMap((text) => tierOf(text.split(':')))
  return { ...rates, ...(tiers.length === 0 ? {} : { tiers }), source, asOf }
}

/** `meta-llama/Llama-3.3-70B:novita` and `Meta-Llama/llama-3.3-70b` have one key; `somebody/llama-3.3-70b` has another. */
export function variantKey(id: string): string {
  const colon = id.indexOf(':')
  const head = colon > 0 ? id.slice(0, colon) : id
  return `${foldText(head.slice(0, Math.max(0, head.lastIndexOf('/'))))}/${foldModel(id)}`
}

function rowOf([id = '', size = '', ...cells]: readonly string[], { source, asOf }: Provenance): ModelRow {
  const [context = '', maxOutput = ''] = size.split(':')
  return {
    id,
    source,
    asOf,
    cells,
    ...(context === '' ? {} : { context: Number(context) }),
    ...(maxOutput === '' ? {} : { maxOutput: Number(maxOutput) }),
  }
}

function tierOf([above = '', ...cells]: readonly string[]): (Rates & { above: number })[] {
  const rates = ratesOf(cells)
  return rates === undefined ? [] : [{ above: Number(above), ...rates }]
}

/** Nano-USD per 1M tokens; undefined where input or output is missing: unknown is never 0. */
function ratesOf([input = '', output = '', cachedInput = '', cacheWrite = '']: readonly string[]): Rates | undefined {
  if (input === '' || output === '') return undefined
  return {
    input: usd(Number(input)),
    output: rateOf(output, input),
    ...(cachedInput === '' ? {} : { cachedInput: rateOf(cachedInput, input) }),
    ...(cacheWrite === '' ? {} : { cacheWrite: rateOf(cacheWrite, input) }),
  }
}

/** `x5`: five times the input. */
function rateOf(cell: string, input: string): NanoUsd {
  return usd(cell.startsWith('x') ? Number((Number(cell.slice(1)) * Number(input)).toFixed(9)) : Number(cell))
}

function sizes({ context, maxOutput }: ModelRow): Pick<ModelRow, 'context' | 'maxOutput'> {
  return { ...(context === undefined ? {} : { context }), ...(maxOutput === undefined ? {} : { maxOutput }) }
}
