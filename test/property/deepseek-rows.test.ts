import { MEANS } from '#src/config/means.ts'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { ruleKinds } from '#policies/registry.ts'
import { catalog } from '#src/routing/catalog/catalog.ts'
import { makeTarget } from '../support/world.ts'

const FACTS = '../shared/facts/'
const absent = !existsSync(`${FACTS}prices.json`)

const row = z.looseObject({
  provider: z.string(),
  id: z.string(),
  baseUrl: z.nullish(z.string()),
  developer: z.optional(z.string()),
})
type Row = z.output<typeof row>

/** Rows as the file would have them as targets without declaring anything: facts by host and name, or what the name suggests. */
function targetOf({ provider, id, baseUrl }: Row) {
  const vendor = catalog.vendorOfHost(hostOf(baseUrl ?? ''))
  const named = vendor === undefined ? undefined : catalog.model(vendor, id)
  const suspicion = named ? undefined : catalog.suspect(id)
  const { ancestors, complete } = catalog.ancestry(named?.lineage)
  return makeTarget(`${provider}/${id}`, { facts: named ?? {}, ancestors, complete, ...(suspicion && { suspicion }) })
}

function hostOf(url: string): string {
  const plain = url.replaceAll('{', '').replaceAll('}', '').replaceAll('$', '')
  return URL.canParse(plain) ? new URL(plain).hostname : ''
}

function verdict(derived: boolean, one: Row): 'eligible' | 'fact' | 'unknown' {
  const input = { name: 'no-deepseek', source: 'tutti.yaml:40:5', body: { developer: 'deepseek', derived } }
  const objection = ruleKinds.get('deny')?.compile(input, catalog, MEANS).judge(targetOf(one))
  if (!objection) return 'eligible'
  return objection.unknown.length > 0 ? 'unknown' : 'fact'
}

test.skipIf(absent)('every row of the DeepSeek list is denied by a fact, none only for lack of one', () => {
  const rows = z.array(row).parse(JSON.parse(readFileSync(`${FACTS}deepseek-lineage.json`, 'utf8')))
  expect(rows.length).toBeGreaterThan(300)
  for (const one of rows) expect([one.provider, one.id, verdict(true, one)]).toEqual([one.provider, one.id, 'fact'])
  const freed = rows.filter((one) => verdict(false, one) !== 'fact')
  expect(freed.map(({ id }) => id)).toEqual(
    rows.filter(({ developer }) => developer !== 'deepseek').map(({ id }) => id),
  )
})

test.skipIf(absent)(
  'of all rows that vendors sell, what is neither known nor suspected is denied as unknown',
  async (context) => {
    const { rows } = z
      .looseObject({ rows: z.array(row) })
      .parse(JSON.parse(readFileSync(`${FACTS}prices.json`, 'utf8')))
    const counts = { eligible: 0, fact: 0, unknown: 0 }
    for (const one of rows) counts[verdict(true, one)]++
    await context.annotate(JSON.stringify(counts))
    expect(counts.eligible).toBeGreaterThan(500)
    for (const one of rows) {
      if (one.id.toLowerCase().includes('deepseek'))
        expect([one.id, verdict(true, one)]).not.toEqual([one.id, 'eligible'])
    }
  },
)
