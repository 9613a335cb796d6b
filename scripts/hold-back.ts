import { comparePrices, type Prices } from '../src/accounting/compare-prices.ts'
import { CATALOG_DATA } from '../src/routing/catalog/data.ts'
import { priceOf, readVendor } from '../src/routing/catalog/table.ts'
import type { Table } from './catalog-table.ts'

/** Nobody generates these: they stand first. */
const BY_HAND = CATALOG_DATA.tables.slice(0, 2)

/**
 * What in fresher tables looks like a slip of their source, against the catalog as it is: a line for each price that doubles, vanishes or turns 0, but
 * for those that are `agreed` to by `vendor/model`.
 */
export function heldBack(tables: readonly Table[], agreed: readonly string[]): readonly string[] {
  const next = tables.map((table) => ({
    ...table,
    vendors: Object.fromEntries(Object.entries(table.vendors).map(([vendor, rows]) => [vendor, rows.join('\n')])),
  }))
  const { heldBack: all } = comparePrices(
    pricesOf(CATALOG_DATA.tables),
    pricesOf([...BY_HAND, ...next]),
    new Set(agreed),
  )
  return all.map(({ id, reason, rate }) => `${id}: ${reason}${rate === undefined ? '' : ` (${rate})`}`)
}

/** Stops a command that would write such prices; its arguments are what is agreed to. */
export function stopWhereHeldBack(tables: readonly Table[]): void {
  const lines = heldBack(tables, process.argv.slice(2))
  if (lines.length === 0) return
  console.error(`${lines.join('\n')}\nnothing was written: look at each, and name those that are right as arguments`)
  process.exit(1)
}

function pricesOf(tables: typeof CATALOG_DATA.tables): Prices {
  const vendors = new Set(tables.flatMap((table) => Object.keys(table.vendors)))
  return new Map(
    [...vendors].flatMap((vendor) =>
      [...readVendor(tables, vendor).exact.values()].flatMap((row) => {
        const price = priceOf(row)
        return price ? [[`${vendor}/${row.id}`, price] as const] : []
      }),
    ),
  )
}
