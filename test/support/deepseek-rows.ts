import { existsSync, readFileSync } from 'node:fs'
import { adapters } from '#providers/registry.ts'
import { catalog } from '#src/routing/catalog/catalog.ts'
import { VENDORS } from '#src/routing/catalog/vendors.ts'
import { SHARED } from './require.ts'

/** A model that is, or comes from, DeepSeek, as somebody sells it. */
export interface Row {
  readonly provider: string
  readonly id: string
  readonly baseUrl: string | null
  readonly developer: string
  readonly lineage: readonly string[]
  /** `provider/model` in the configuration below. */
  readonly target: string
}

const FILE = `${SHARED}/facts/deepseek-lineage.json`

/** Vendors whose name in the facts is not the adapter's. */
const TYPES: Readonly<Record<string, string>> = {
  azure: 'azure-openai',
  'azure-cognitive-services': 'azure-openai',
  'cloudflare-workers-ai': 'workers-ai',
  'fireworks-ai': 'fireworks',
  togetherai: 'together',
}

const named = (row: Omit<Row, 'target'>): string => `${row.provider}-${hostIndex(row.baseUrl)}`.replaceAll('.', '-')
const hosts: (string | null)[] = []

function hostIndex(baseUrl: string | null): number {
  if (!hosts.includes(baseUrl)) hosts.push(baseUrl)
  return hosts.indexOf(baseUrl)
}

/** All rows, each with the name that it has in `providersOf`: of the list beside the checkout, without one of the catalog's own. */
export function deepseekRows(): readonly Row[] {
  const rows: readonly Omit<Row, 'target'>[] = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : catalogued()
  return rows.map((row) => ({ ...row, target: `${named(row)}/${row.id}` }))
}

/** What vendors sell of which the catalog says that DeepSeek made it, or what it was made from. */
function catalogued(): readonly Omit<Row, 'target'>[] {
  return VENDORS.flatMap(({ id: provider, hosts }) => {
    const host = hosts.find((name) => !name.includes('*'))
    const baseUrl = host === undefined ? null : `https://${host}/v1`
    return catalog.models(provider).flatMap((id) => {
      const { developer = '', lineage = [] } = catalog.model(provider, id) ?? {}
      const makers = [developer, ...catalog.ancestry(lineage).ancestors.map((one) => one.developer)]
      return makers.includes('deepseek') ? [{ provider, id, baseUrl, developer, lineage }] : []
    })
  })
}

/** What a type demands beside address and key. */
function settingsOf(type: string): object {
  const names = Object.entries(adapters.get(type)?.settings ?? {}).flatMap(([name, { required }]) =>
    required === true ? [name] : [],
  )
  return names.length === 0 ? {} : { settings: Object.fromEntries(names.map((name) => [name, 'global'])) }
}

/**
 * Every row on its own host by its own adapter; without a host, or with a template for one, on a host of the test's own with developer and
 * lineage declared. `declared`: they are for all.
 */
export function providersOf(rows: readonly Row[], declared = false): Record<string, object> {
  const providers: Record<string, { models: Record<string, object> }> = {}
  for (const row of rows) {
    const type = TYPES[row.provider] ?? (adapters.has(row.provider) ? row.provider : 'openai-compatible')
    const own = row.baseUrl === null || row.baseUrl === '' || row.baseUrl.includes('{')
    const name = named(row)
    const baseUrl = own ? `https://${name}.tutti.example/v1` : row.baseUrl
    const provider = (providers[name] ??= Object.assign(
      { type, baseUrl, apiKey: 'sk-test', ...settingsOf(type) },
      { models: {} },
    ))
    provider.models[row.id] = own || declared ? { developer: row.developer, lineage: row.lineage } : {}
  }
  return providers
}
