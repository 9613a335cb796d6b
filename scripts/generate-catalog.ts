/**
 * Writes src/routing/catalog/generated/models.ts from the project's collected price facts (../shared/facts/prices.json and deepseek-lineage.json): which
 * ids a vendor sells, their context and their prices, and every place that is known to sell DeepSeek or what derives from it. Who made a model is not
 * in there: src/routing/catalog/identity.ts says it. Prints the size of the whole catalog as a worker carries it.
 * Run: node scripts/generate-catalog.ts. A price that doubles, vanishes or turns 0 stops it, unless an argument names it: `openai/gpt-5`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { aliasOf } from '../src/routing/catalog/vendors.ts'
import { priceCells, superseded, tableFile, trim } from './catalog-table.ts'
import type { RawPrice, Table } from './catalog-table.ts'
import { packageTable } from './generate-prices.ts'
import { stopWhereHeldBack } from './hold-back.ts'

const FACTS = new URL('../../shared/facts/', import.meta.url)
const OUT = new URL('../src/routing/catalog/generated/models.ts', import.meta.url)

/** Vendors whose own price lists are carried whole; of the others only what derives from DeepSeek. */
const WHOLE = new Set(
  (
    'openai anthropic google amazon-bedrock google-vertex mistral xai upstage openrouter groq together fireworks cerebras deepseek moonshot perplexity nvidia huggingface ' +
    'friendli workers-ai'
  ).split(' '),
)

interface Row {
  readonly provider: string
  readonly id: string
  readonly usd_per_mtok: RawFacts | null
  readonly context?: number | null
  readonly max_output?: number | null
  readonly type?: string
  readonly source: string
  readonly as_of: string
}

interface RawFacts {
  readonly input?: number | null
  readonly output?: number | null
  readonly cacheRead?: number | null
  readonly cacheWrite?: number | null
  readonly cache_read?: number | null
  readonly cache_write?: number | null
  readonly tiers?:
    | readonly (RawFacts & { readonly inputTokensAbove?: number; readonly tier?: { readonly size: number } })[]
    | null
}

/** Whether the facts are there to generate from. */
export function factsPresent(): boolean {
  return existsSync(fileURLToPath(new URL('prices.json', FACTS)))
}

/** The rows of the facts, by source. Of one vendor's two rows for an id the younger one counts. */
export function factTables(): readonly Table[] {
  const { rows }: { rows: Row[] } = JSON.parse(readFileSync(new URL('prices.json', FACTS), 'utf8'))
  const lineage: Row[] = JSON.parse(readFileSync(new URL('deepseek-lineage.json', FACTS), 'utf8'))
  const carried = rows.filter((row) => WHOLE.has(aliasOf(row.provider)) && (row.type ?? 'chat') === 'chat')
  const seen = new Set<string>()
  const all = [...carried, ...lineage].toSorted((one, other) =>
    one.as_of < other.as_of ? 1 : one.as_of > other.as_of ? -1 : 0,
  )
  const tables = new Map<string, { source: string; asOf: string; vendors: Record<string, string[]> }>()
  for (const row of all) {
    const vendor = aliasOf(row.provider)
    if (seen.has(`${vendor} ${row.id}`)) continue
    seen.add(`${vendor} ${row.id}`)
    const table = tables.get(row.source) ?? { source: row.source, asOf: row.as_of, vendors: {} }
    tables.set(row.source, table)
    ;(table.vendors[vendor] ??= []).push(line(row))
  }
  return [...tables.values()].map((table) => ({
    name: table.source.startsWith('pi-ai') ? 'PI_AI' : 'MODELS_DEV',
    ...table,
  }))
}

/** The file's whole text; the same for the same facts and the same price package, whose younger prices stand in prices.ts. */
export function generateModels(): string {
  const prices = packageTable()
  const tables = factTables().map((table) => superseded(table, [prices]))
  return tableFile('node scripts/generate-catalog.ts', tables)
}

function line(row: Row): string {
  const price = row.usd_per_mtok === null ? undefined : rawPrice(row.usd_per_mtok, row.id)
  // A context that ends where a dearer tier begins is the first tier's, not the model's.
  const tiered = price?.tiers.some((tier) => tier.above >= (row.context ?? 0)) === true
  const size = trim([tiered ? '' : count(row.context), row.id.includes('embed') ? '' : count(row.max_output)], ':')
  return trim([row.id, size, (price === undefined ? undefined : priceCells(price)) ?? ''], '|')
}

/** 0 stands for unknown in the sources; what is below 2,048 is a slip. Of embedding models the sources give the vector's length as output. */
function count(value: number | null | undefined): string {
  return typeof value === 'number' && value >= 2048 ? String(value) : ''
}

function rawPrice(raw: RawFacts, id: string): RawPrice {
  const rates = (from: RawFacts) => ({
    input: from.input ?? undefined,
    output: from.output ?? undefined,
    cachedInput: from.cacheRead ?? from.cache_read ?? undefined,
    cacheWrite: from.cacheWrite ?? from.cache_write ?? undefined,
  })
  const tiers = (raw.tiers ?? []).map((tier) => ({
    above: tier.inputTokensAbove ?? tier.tier?.size ?? 0,
    ...rates(tier),
  }))
  return {
    ...rates(raw),
    tiers: tiers.toSorted((one, other) => one.above - other.above),
    noOutput: id.includes('embed'),
  }
}

/** Bytes of the whole catalog, bundled and minified as a worker has it, after gzip. */
export async function bundledSize(): Promise<number> {
  const entry = fileURLToPath(new URL('../src/routing/catalog/catalog.ts', import.meta.url))
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    conditions: ['source'],
  })
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const text = generateModels()
  stopWhereHeldBack([...factTables(), packageTable()])
  writeFileSync(OUT, text)
  console.log(`${text.split('\n').length} lines; the catalog bundled and minified: ${await bundledSize()} bytes gzip`)
}
