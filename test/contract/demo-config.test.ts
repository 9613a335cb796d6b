// The built-in demo is a configuration like any other: it loads, and each of its names does what it says.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { loadConfig } from '#src/config/load.ts'
import { DEMO_CONFIG, DEMO_SCRIPT } from '#providers/demo/config.ts'
import { demo } from '#providers/demo/index.ts'
import { ruleKinds } from '#policies/registry.ts'
import { catalog } from '#src/routing/catalog/catalog.ts'
import { judgeAlways } from '#src/routing/judge.ts'

async function load() {
  const loaded = await loadConfig(DEMO_CONFIG, {
    file: 'demo',
    adapters: new Map([[demo.type, demo]]),
    catalog,
    ruleKinds,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    now: Date.parse('2026-11-23'),
    env: () => undefined,
    missing: 'error',
  })
  if (!loaded.ok) throw new Error(loaded.problems.map((each) => each.message).join('\n'))
  return loaded
}

test('it loads, with the names of the interface; the one remark is that a demo is one host', async () => {
  const { snapshot, problems } = await load()
  expect(problems).toEqual([])
  expect([...snapshot.routes.keys()]).toEqual([
    'demo',
    'demo/cheap',
    'demo/good',
    'demo/slow',
    'demo/flaky',
    'demo/denied',
  ])
  expect(snapshot.routes.get('demo')?.strategy).toBe('cheapest')
})

test('the cheapest of all is permitted or says why not, and every target has a price that is not nothing', async () => {
  const { snapshot } = await load()
  const targets = (snapshot.routes.get('demo')?.targets ?? []).map(({ target }) => target)
  const permitted = targets.filter((target) => judgeAlways(snapshot, undefined, target).objections.length === 0)
  expect(permitted.map((target) => target.id)).toEqual(['demo/cheap', 'demo/good', 'demo/slow', 'demo/flaky'])
  const [denied] = targets.filter((target) => !permitted.includes(target))
  expect(denied && judgeAlways(snapshot, undefined, denied).objections).toMatchObject([
    { rule: 'demo-denied', reason: expect.stringContaining('not permitted here') },
  ])
  for (const { facts } of targets) {
    expect(facts).toMatchObject({ developer: 'tutti-demo', lineage: [], local: true })
    expect(facts.price?.input).toBeGreaterThan(0n)
  }
  const byPrice = permitted.toSorted((a, b) => Number((a.facts.price?.output ?? 0n) - (b.facts.price?.output ?? 0n)))
  expect(byPrice[0]?.id).toBe('demo/cheap')
  expect(targets.map((target) => target.model)).toEqual(DEMO_SCRIPT.models)
})
