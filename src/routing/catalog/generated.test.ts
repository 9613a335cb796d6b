/** The generated tables are what their commands write. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { linesOf, type Table } from '../../../scripts/catalog-table.ts'
import { bundledSize, factsPresent, factTables, generateModels } from '../../../scripts/generate-catalog.ts'
import { generatePrices, packageTable } from '../../../scripts/generate-prices.ts'
import { heldBack } from '../../../scripts/hold-back.ts'
import { CATALOG_DATA } from './data.ts'
import { MODELS_DEV, PI_AI } from './generated/models.ts'
import { readVendor } from './table.ts'

const read = (name: string) => readFileSync(new URL(`generated/${name}`, import.meta.url), 'utf8')

const textsOf = ({ vendors, ...table }: Table) => ({
  ...table,
  vendors: Object.fromEntries(Object.entries(vendors).map(([vendor, rows]) => [vendor, rows.join('\n')])),
})

/** Everything that lookups read, by vendor, in the tables' order. */
function readAll(tables: typeof CATALOG_DATA.tables) {
  const vendors = new Set(tables.flatMap((table) => Object.keys(table.vendors)))
  return [...vendors].toSorted().map((vendor) => [vendor, [...readVendor(tables, vendor).exact.values()]] as const)
}

/** Tables that nobody generates stand first. */
const BY_HAND = CATALOG_DATA.tables.slice(0, 2)

describe('generated tables', () => {
  test('prices.ts is what the price package gives', () => {
    expect(generatePrices()).toBe(read('prices.ts'))
  })

  test.skipIf(!factsPresent())('models.ts is what the facts beside the checkout (../shared/facts) give', () => {
    expect(generateModels()).toBe(read('models.ts'))
  })

  test('what prices.ts leaves out is in no lookup', () => {
    expect(CATALOG_DATA.tables.slice(4)).toEqual([MODELS_DEV])
    const whole = [...BY_HAND, PI_AI, textsOf(packageTable()), MODELS_DEV]
    expect(readAll(CATALOG_DATA.tables)).toEqual(readAll(whole))
  })

  test.skipIf(!factsPresent())('what models.ts leaves out is in no lookup', () => {
    const whole = [...BY_HAND, ...[...factTables(), packageTable()].map(textsOf)]
    expect(readAll(CATALOG_DATA.tables)).toEqual(readAll(whole))
  })

  test('a regenerated table with a price that doubles, vanishes or turns unknown is held back, unless its name is given', () => {
    const whole = [
      { name: 'PI_AI', ...PI_AI, vendors: linesOf(PI_AI.vendors) },
      { name: 'MODELS_DEV', ...MODELS_DEV, vendors: linesOf(MODELS_DEV.vendors) },
      packageTable(),
    ]
    expect(heldBack(whole, [])).toEqual([])
    const change = (from: string, to: string) =>
      whole.map((table) => {
        const openai = table.vendors['openai']?.map((row) => (row.startsWith(from) ? to : row)) ?? []
        return { ...table, vendors: { ...table.vendors, openai } }
      })
    const doubled = change('gpt-6-luna|', 'gpt-6-luna||0.2|0.5|0.01|0.125|272000:0.2:0.75:0.02:0.25')
    expect(heldBack(doubled, [])).toEqual(['openai/gpt-6-luna: doubled (input)'])
    expect(heldBack(doubled, ['openai/gpt-6-luna'])).toEqual([])
    expect(heldBack(change('gpt-6-luna|', 'gpt-6-luna|1000000'), [])).toEqual(['openai/gpt-6-luna: vanished'])
  })

  test('the whole catalog, bundled and minified, stays under 36 KB gzip', async () => {
    expect(await bundledSize()).toBeLessThan(36_000)
  })
})
