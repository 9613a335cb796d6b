import type { Catalog } from '#src/core/catalog.ts'
import type { Facts } from '#src/core/facts.ts'
import { foldText } from '#src/core/fold.ts'
import { compilePattern } from '#src/core/wildcard.ts'
import { createAncestry } from './ancestry.ts'
import { CATALOG_DATA } from './data.ts'
import type { CatalogData, Provenance } from './data.ts'
import { createIdentifier, rows, withoutPlace } from './identity.ts'
import type { Identifier, Identity } from './identity.ts'
import { priceOf, readVendor, variantKey } from './table.ts'
import type { ModelRow, VendorTable } from './table.ts'
import type { VendorRow } from './vendors.ts'
import { versionOf } from './version.ts'

/** The catalog, and where each of its rows is from. */
export interface SourcedCatalog extends Catalog {
  /** The source and day of a vendor's row, or of a model's; undefined: there is no such row. */
  provenance(vendor: string, model?: string): Provenance | undefined
  /** The ids that are listed for a vendor. */
  models(vendor: string): readonly string[]
}

/** A catalog over these data. Tables are read when a vendor is first asked for. */
export function createCatalog(data: CatalogData): SourcedCatalog {
  const vendors = new Map(
    data.vendors.flatMap((vendor) => [vendor.id, ...vendor.aliases].map((name) => [name, vendor] as const)),
  )
  const identifier = createIdentifier(data)
  const ancestry = createAncestry(data.graph, identifier)
  const tables = new Map<string, VendorTable>()
  const read = new WeakMap<ModelRow, Facts>()
  const tableOf = (vendor: string): VendorTable => {
    const id = vendors.get(vendor)?.id ?? vendor
    const table = tables.get(id) ?? readVendor(data.tables, id)
    tables.set(id, table)
    return table
  }
  let version: string | undefined
  const ofHost = hostLookup(data.vendors)
  const domains = domainsOf(data.vendors)
  return {
    get version() {
      return (version ??= versionOf(data))
    },
    vendorOfHost: ofHost,
    vendorNear: (host) => nearest(host, ofHost, domains),
    vendor(name) {
      const vendor = vendors.get(name)
      return vendor === undefined ? undefined : vendorFacts(vendor)
    },
    model(name, model) {
      const table = tableOf(name)
      const vendor = vendors.get(name)?.id ?? name
      const row = table.exact.get(model) ?? table.spelled(foldText(model))
      if (row !== undefined) {
        const facts = read.get(row) ?? modelFacts(row, { vendor, identifier, data })
        read.set(row, facts)
        return facts
      }
      const own = withoutPlace(model)
      const alike = table.exact.has(own) ? [own] : table.variants(variantKey(own)).map(({ id }) => id)
      return agreed(alike.map((id) => identifier.listed(id))) ?? identifier.inHouse(data.houses[vendor], model)
    },
    suspect(model) {
      const facts = identifier.suggested(model)
      return facts === undefined ? undefined : { facts, ancestry: ancestry(facts.lineage) }
    },
    ancestry,
    names: (field) => namesOf(data, field),
    provenance(name, model) {
      if (model === undefined) return vendors.has(name) ? data.vendorsSource : undefined
      const table = tableOf(name)
      const row = table.exact.get(model) ?? table.spelled(foldText(model)) ?? table.variants(variantKey(model))[0]
      return row === undefined ? undefined : { source: row.source, asOf: row.asOf }
    },
    models: (vendor) => [...tableOf(vendor).exact.keys()],
  }
}

function namesOf(data: CatalogData, field: 'developer' | 'operator'): ReadonlySet<string> {
  const operators = data.vendors.flatMap(({ operator }) => operator ?? [])
  if (field === 'operator') return new Set(operators)
  const lines = [data.rules, data.marks, data.startMarks, data.graph].flatMap(rows)
  return new Set([...lines.flatMap(([, developer]) => developer || []), ...Object.values(data.makers)])
}

/** The catalog that tutti ships. */
export const catalog: SourcedCatalog = createCatalog(CATALOG_DATA)

function hostLookup(vendors: readonly VendorRow[]): (host: string) => string | undefined {
  const exact = new Map<string, string>()
  const patterns: { vendor: string; matches: (host: string) => boolean }[] = []
  for (const { id, hosts } of vendors) {
    for (const host of hosts) {
      if (host.includes('*')) patterns.push({ vendor: id, matches: compilePattern(host) })
      else exact.set(host, id)
    }
  }
  return (host) => {
    const name = hostName(host)
    return exact.get(name) ?? patterns.find(({ matches }) => matches(name))?.vendor
  }
}

/** The domains of hosts that have one of their own: `deepseek.com` of `api.deepseek.com`, and not `com`. */
function domainsOf(vendors: readonly VendorRow[]): ReadonlyMap<string, string> {
  const hosts = vendors.flatMap(({ id, hosts: own }) =>
    own.map((host) => [host.slice(host.indexOf('.') + 1), id] as const),
  )
  return new Map(hosts.filter(([domain]) => domain.includes('.') && !domain.includes('*')))
}

/** Label by label up: the longest name that is somebody's counts. */
function nearest(
  host: string,
  ofHost: (host: string) => string | undefined,
  domains: ReadonlyMap<string, string>,
): string | undefined {
  for (let name = hostName(host); name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
    const vendor = ofHost(name) ?? domains.get(name)
    if (vendor !== undefined) return vendor
  }
  return undefined
}

/** Lower case, without port and final dot. */
function hostName(host: string): string {
  const [name = ''] = host.toLowerCase().split(':')
  return name.endsWith('.') ? name.slice(0, -1) : name
}

function vendorFacts({ operator, country, region }: VendorRow): Facts {
  return {
    ...(operator === undefined ? {} : { operator }),
    ...(country === undefined ? {} : { operatorCountry: country }),
    ...(region === undefined ? {} : { region }),
  }
}

function modelFacts(row: ModelRow, known: { vendor: string; identifier: Identifier; data: CatalogData }): Facts {
  const { vendor, identifier, data } = known
  const retires = Object.entries(data.retires[vendor] ?? {}).find(([, ids]) => ids.split(' ').includes(row.id))?.[0]
  const price = priceOf(row)
  const free = row.id.endsWith(':free') || row.id.endsWith('-free')
  return {
    ...identifier.listed(row.id),
    ...(row.context === undefined ? {} : { context: row.context }),
    ...(row.maxOutput === undefined ? {} : { maxOutput: row.maxOutput }),
    // A list says: these and no others. Only of embedding models is that known.
    ...(row.id.includes('embed') ? { capabilities: ['embeddings'] as const } : {}),
    // Free pools train on what they are sent (providers.md finding 10), and what they cost later nobody says.
    ...(price === undefined || free ? {} : { price }),
    ...(free && vendor === 'openrouter' ? { trainsOnData: true } : {}),
    ...(retires === undefined ? {} : { retires }),
  }
}

/** Of several rows that one name may mean, what all say alike; nothing about price, size or dates, which differ from variant to variant. */
function agreed(identities: readonly Identity[]): Facts | undefined {
  const [first, ...others] = identities
  if (first === undefined) return undefined
  const same = (field: keyof Identity) => others.every((other) => String(other[field]) === String(first[field]))
  const { developer, family, lineage, license, openWeights } = first
  return {
    ...(developer !== undefined && same('developer') ? { developer } : {}),
    ...(family !== undefined && same('family') ? { family } : {}),
    ...(lineage !== undefined && same('lineage') ? { lineage } : {}),
    ...(license !== undefined && same('license') ? { license } : {}),
    ...(openWeights !== undefined && same('openWeights') ? { openWeights } : {}),
  }
}
