/**
 * Writes src/routing/catalog/generated/prices.ts from @pydantic/genai-prices: the prices of the vendors that tutti has adapters for, as a plain table.
 * What a younger table lists is left out: its row counts. Run: node scripts/generate-prices.ts, after generate-catalog.ts.
 * A price that doubles, vanishes or turns 0 stops it, unless an argument names it: `openai/gpt-5`.
 */
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { findProvider, TieredPrices } from '@pydantic/genai-prices'
import type { MatchLogic, ModelInfo, ModelPrice } from '@pydantic/genai-prices'
import { MODELS_DEV, PI_AI } from '../src/routing/catalog/generated/models.ts'
import { linesOf, priceCells, superseded, tableFile } from './catalog-table.ts'
import type { RawPrice, Table } from './catalog-table.ts'
import { stopWhereHeldBack } from './hold-back.ts'

/** tutti's vendor by the package's provider. Azure is absent: a deployment's name says nothing about its model. */
const VENDORS: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
  mistral: 'mistral',
  'x-ai': 'xai',
  groq: 'groq',
  together: 'together',
  fireworks: 'fireworks',
  cerebras: 'cerebras',
  deepseek: 'deepseek',
  moonshotai: 'moonshot',
  perplexity: 'perplexity',
  openrouter: 'openrouter',
}

/** The day of the package's data (0.1.8): which of several dated prices holds. */
const AS_OF = '2026-09-23'
const OUT = new URL('../src/routing/catalog/generated/prices.ts', import.meta.url)

/** The package's rows, all of them. */
export function packageTable(): Table {
  const vendors: Record<string, string[]> = {}
  for (const [providerId, vendor] of Object.entries(VENDORS)) {
    const rows = new Map<string, string>()
    for (const model of findProvider({ providerId })?.models ?? []) addModel(rows, model)
    vendors[vendor] = [...rows].map(([id, cells]) => `${id}||${cells}`).toSorted()
  }
  return { name: 'GENAI_PRICES', source: '@pydantic/genai-prices 0.1.8', asOf: AS_OF, vendors }
}

/** The file's whole text; the same for the same package and the same models.ts. */
export function generatePrices(): string {
  return tableFile('node scripts/generate-prices.ts', [superseded(packageTable(), modelTables())])
}

function modelTables(): readonly Table[] {
  return [
    { name: 'PI_AI', ...PI_AI, vendors: linesOf(PI_AI.vendors) },
    { name: 'MODELS_DEV', ...MODELS_DEV, vendors: linesOf(MODELS_DEV.vendors) },
  ]
}

function addModel(rows: Map<string, string>, model: ModelInfo): void {
  const price = rawPrice(current(model.prices), model.id)
  const cells = price === undefined ? undefined : priceCells(price)
  if (cells === undefined) return
  for (const id of [model.id, ...equalsOf(model.match)]) if (!rows.has(id) && !id.includes('|')) rows.set(id, cells)
}

/** The prices that hold on the data's day; of several times of day the dearest. */
function current(prices: ModelInfo['prices']): ModelPrice {
  if (!Array.isArray(prices)) return prices
  const begun = prices.filter(({ constraint }) => constraint?.type !== 'start_date' || constraint.start_date <= AS_OF)
  const dated = begun.findLast(({ constraint }) => constraint?.type === 'start_date')
  const timed = begun.filter(({ constraint }) => constraint?.type === 'time_of_date')
  const dearest = timed.toSorted((one, other) => base(other.prices['output_mtok']) - base(one.prices['output_mtok']))[0]
  return (dearest ?? dated ?? begun.at(-1))?.prices ?? {}
}

function rawPrice(price: ModelPrice, id: string): RawPrice | undefined {
  const starts = new Set<number>()
  for (const value of Object.values(price))
    if (value instanceof TieredPrices) for (const tier of value.tiers) starts.add(tier.start)
  const at = (start: number) => ({
    input: rateAt(price['input_mtok'], start),
    output: rateAt(price['output_mtok'], start),
    cachedInput: rateAt(price['cache_read_mtok'], start),
    cacheWrite: rateAt(price['cache_write_mtok'], start),
  })
  const tiers = [...starts].toSorted((one, other) => one - other).map((above) => ({ above, ...at(above) }))
  return { ...at(0), tiers, noOutput: id.includes('embed') }
}

function rateAt(value: number | TieredPrices | undefined, start: number): number | undefined {
  if (!(value instanceof TieredPrices)) return value
  return value.tiers.findLast((tier) => tier.start <= start)?.price ?? value.base
}

function base(value: number | TieredPrices | undefined): number {
  return value instanceof TieredPrices ? value.base : (value ?? 0)
}

/** The names that a row lists one by one; its patterns are not evaluated. */
function equalsOf(match: MatchLogic): string[] {
  if ('equals' in match) return [match.equals]
  return 'or' in match ? match.or.flatMap(equalsOf) : []
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const text = generatePrices()
  stopWhereHeldBack([...modelTables(), packageTable()])
  writeFileSync(OUT, text)
  console.log(`${text.length} characters`)
}
