/** The catalog against the project's collected facts, which lie beside the checkout; without them these tests are skipped. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { catalog } from './catalog.ts'
import { compilePattern } from '#src/core/wildcard.ts'
import { usd } from '#src/core/money.ts'

const FACTS = new URL('../../../../shared/facts/', import.meta.url)
const present = existsSync(FACTS)
const OWN_HOSTS = new Set(['openai', 'anthropic', 'google', 'mistral', 'xai', 'upstage'])

interface Row {
  provider: string
  id: string
  baseUrl: string | null
  developer: string
  lineage: string[]
  type: string
  usd_per_mtok: { input: number; output: number } | null
}

const prices: Row[] = present ? JSON.parse(readFileSync(new URL('prices.json', FACTS), 'utf8')).rows : []
const lineage: Row[] = present ? JSON.parse(readFileSync(new URL('deepseek-lineage.json', FACTS), 'utf8')) : []

/** Why a row does not hold, or nothing. */
function lacks({ provider, id }: Pick<Row, 'provider' | 'id'>): string[] {
  const facts = catalog.model(provider, id)
  const from = catalog.provenance(provider, id)
  const missing = [
    facts?.developer === undefined && 'developer',
    facts?.lineage === undefined && 'lineage',
    facts?.family === undefined && 'family',
    !from?.source && 'source',
    !from?.asOf && 'date',
  ].filter((name) => name !== false)
  return missing.map((name) => `${provider}/${id}: ${name}`)
}

describe.skipIf(!present)('the facts beside the checkout (../shared/facts)', () => {
  test('no row that the six vendors sell on their own hosts lacks developer, lineage, family, source or date', () => {
    const rows = prices.filter(({ provider }) => OWN_HOSTS.has(provider))
    expect(rows.length).toBeGreaterThan(170)
    expect(rows.flatMap(lacks)).toEqual([])
  })

  test('no row of the DeepSeek lineage lacks them', () => {
    expect(lineage).toHaveLength(354)
    expect(lineage.flatMap(lacks)).toEqual([])
  })

  test('developer and lineage of the DeepSeek lineage are as collected', () => {
    for (const row of lineage) {
      const facts = catalog.model(row.provider, row.id)
      expect(facts?.developer, row.id).toBe(row.developer)
      // The collected list has no lineage for the one distill onto Qwen 3.
      if (!row.id.includes('qwen3')) expect(facts?.lineage, row.id).toEqual(row.lineage)
    }
  })

  test('every row of it is DeepSeek or leads there', () => {
    for (const row of lineage) {
      const facts = catalog.model(row.provider, row.id)
      const leads = catalog.ancestry(facts?.lineage).ancestors.some(({ developer }) => developer === 'deepseek')
      expect(facts?.developer === 'deepseek' || leads, row.id).toBe(true)
    }
  })

  test('every id of it is suspect by its name alone', () => {
    for (const { id, developer } of lineage) {
      const suspicion = catalog.suspect(id)
      expect(suspicion?.facts.developer, id).toBe(developer)
      expect(leadsToDeepSeek(id), id).toBe(true)
    }
  })

  test('each of its hosts is a catalogued vendor that sells the row', () => {
    const hosts = new Set<string>()
    for (const { id, baseUrl } of lineage.filter((row) => row.baseUrl)) {
      const { host } = new URL((baseUrl ?? '').replaceAll(/[${}]/g, ''))
      const vendor = catalog.vendorOfHost(host) ?? ''
      hosts.add(host)
      expect(catalog.model(vendor, id)?.developer, `${host} ${id}`).toBeDefined()
    }
    expect(hosts.size).toBe(52)
  })

  test('outside the lineage no id is suspected, save those whose makers say that they trained on what DeepSeek-R1 wrote', () => {
    const known = new Set(lineage.map(({ id }) => id))
    const names = compilePattern('*deepseek*', (text) => text.toLowerCase().replaceAll('-', ''))
    const wrong = prices.filter(({ id }) => !known.has(id) && !names(id) && leadsToDeepSeek(id)).map(({ id }) => id)
    expect(new Set(wrong)).toMatchInlineSnapshot(`
      Set {
        "nvidia/llama-3.1-nemotron-ultra-253b-v1",
        "phi-4-mini-reasoning",
        "microsoft/phi-4-mini-reasoning",
        "nvidia/llama-3.3-nemotron-super-49b-v1.5",
        "llama-3.1-nemotron-ultra-253b",
        "nvidia/Llama-3.3-Nemotron-Super-49B-v1",
        "nvidia/Llama-3_3-Nemotron-Super-49B-v1_5",
        "pamanseau/OpenReasoning-Nemotron-32B",
        "nvidia/Llama-3_1-Nemotron-Ultra-253B-v1",
      }
    `)
  })

  test("no price is 0, and a price in the facts of 2026-11-10 is the catalog's", () => {
    const seen = new Set<string>()
    for (const row of prices.filter(({ provider, type }) => OWN_HOSTS.has(provider) && type === 'chat')) {
      const price = catalog.model(row.provider, row.id)?.price
      if (row.usd_per_mtok?.input === 0) expect(price, row.id).toBeUndefined()
      if (price !== undefined) expect(price.input > 0n, row.id).toBe(true)
      if (price?.source !== 'pi-ai 1.5.2' || seen.has(row.provider + row.id)) continue
      seen.add(row.provider + row.id)
      expect([price.input, price.output], row.id).toEqual([
        usd(row.usd_per_mtok?.input ?? 0),
        usd(row.usd_per_mtok?.output ?? 0),
      ])
    }
    expect(seen.size).toBeGreaterThan(100)
  })
})

function leadsToDeepSeek(name: string): boolean {
  const suspicion = catalog.suspect(name)
  if (suspicion === undefined) return false
  return (
    suspicion.facts.developer === 'deepseek' ||
    suspicion.ancestry.ancestors.some(({ developer }) => developer === 'deepseek')
  )
}
