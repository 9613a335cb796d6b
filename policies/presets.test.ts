import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { adapters } from '#providers/registry.ts'
import { load } from '#src/load.ts'
import { loadConfig } from '#src/config/load.ts'
import type { PresetRule } from '#src/core/policy.ts'
import { circumstancesOf } from '#src/core/circumstances.ts'
import { judge, judgeAlways } from '#src/routing/judge.ts'
import { createOccasion } from '#src/routing/occasion.ts'
import { termsFor } from '#src/routing/terms.ts'
import { presetsText, readPresets } from '../scripts/generate-presets.ts'
import { makeCatalog, makeRequest, makeTarget } from '../test/support/world.ts'
import { presets } from './presets/registry.ts'
import { ruleKinds } from './registry.ts'

const text = z.string().check(z.minLength(1))
const named = z.looseObject({ name: text })
const presetSchema = z.strictObject({
  name: text,
  title: text,
  blocks: text,
  doesNotBlock: text,
  sources: z
    .array(z.strictObject({ jurisdiction: text, authority: text, date: text, scope: text, note: text }))
    .check(z.minLength(1)),
  rules: z.array(named).check(z.minLength(1)),
  cases: z
    .array(
      z.strictObject({
        name: text,
        target: z.optional(
          z.strictObject({
            id: text,
            facts: z.optional(z.looseObject({})),
            ancestors: z.optional(z.array(named)),
          }),
        ),
        /** What the request holds of personal data; absent: nobody looked. */
        pii: z.optional(z.strictObject({ counts: z.record(z.string(), z.number()), unscannable: z.boolean() })),
        /** What people are told of the answer. */
        labels: z.optional(z.array(text)),
        /** Rules that deny it; absent: it passes. */
        denied: z.optional(z.array(text)),
      }),
    )
    .check(z.minLength(3)),
})

const files = [...readPresets()].map(([file, preset]) => ({ file, preset: presetSchema.parse(preset) }))

const SIGNALS = { inputTokens: 1, inputTokensWorst: 1, unmeasured: 0, choices: 1, needs: [] }

const OPTIONS = {
  file: 'tutti.yaml',
  env: () => undefined,
  missing: 'note',
  hash: (value: string) => hash('sha256', value),
} as const

function fileOf(policies: string): string {
  return `version: 1\nproviders:\n  house: { type: vllm, models: { x: { developer: acme } } }\nkeys: [{ id: app, sha256: ${'a'.repeat(64)}, tags: [ministry] }]\npolicies:\n${policies}`
}

function loadFile(policies: string) {
  return load(fileOf(policies), OPTIONS)
}

test('what the program carries is what the files say', () => {
  expect(readFileSync(new URL('presets/generated/presets.ts', import.meta.url), 'utf8')).toBe(presetsText())
})

describe.each(files)('$file', ({ file, preset }) => {
  test('is named like its file', () => {
    expect(preset.name).toBe(file)
  })

  test.each(preset.cases)('$name', async (one) => {
    const loaded = await loadFile(`  - preset: ${file}\n`)
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    const { id, ...input } = one.target ?? { id: 'x/y' }
    const target = makeTarget(id, JSON.parse(JSON.stringify(input)))
    const request = makeRequest({ model: id, messages: [] })
    const signals = { ...SIGNALS, ...(one.pii && { pii: one.pii }) }
    const asked = { occasion: createOccasion(() => circumstancesOf({ request, signals, now: 0 })) }
    const { objections } = judge(loaded.snapshot, asked, target)
    if (one.labels) expect(termsFor(loaded.snapshot, asked, signals).labels?.notices).toEqual(one.labels)
    const denied = objections.map(({ rule, source }) => `${rule} ${source}`)
    expect(denied).toEqual((one.denied ?? []).map((rule) => `${file}/${rule} tutti.yaml:6:5`).toSorted())
  })

  test('each of its rules denies something in a case', () => {
    const denied = new Set(preset.cases.flatMap((one) => one.denied ?? []))
    const denying = preset.rules.filter((rule) => rule['label'] === undefined)
    expect([...denied].toSorted()).toEqual(denying.map(({ name }) => name).toSorted())
  })
})

describe('an entry', () => {
  test('carries its subjects, its mode, its condition and its reason to every rule', async () => {
    const entry = `{ preset: korea-finance, subjects: { tags: [ministry] }, mode: shadow, when: request.stream, onError: allow, reason: so }`
    const loaded = await loadFile(`  - ${entry}\n`)
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    const { rules } = loaded.snapshot
    expect(rules).toHaveLength(4)
    for (const rule of rules) {
      expect(rule).toMatchObject({ mode: 'shadow', onError: 'allow', when: expect.any(Function) })
      expect([rule.appliesTo(undefined), rule.appliesTo({ id: 'app', tags: ['ministry'] })]).toEqual([false, true])
      const objection = rule.judge(
        makeTarget('x/y', { facts: { operator: 'deepseek', developer: 'deepseek', region: 'CN', trainsOnData: true } }),
      )
      expect(objection?.reason).toContain('so')
    }
  })

  test('what is to be said of its condition is said once', async () => {
    const loaded = await loadFile(`  - { preset: korea-finance, when: request.metadata.a == "b" }\n`)
    expect(loaded.problems.map(({ message }) => message)).toEqual([expect.stringContaining('may leave `a` out')])
  })

  test.each([
    ['{ preset: korea-publik-sector }', 'did you mean `korea-public-sector`?'],
    ['{ preset: no-training, deny: { local: true } }', '`deny` has no meaning beside `preset`'],
    ['{ preset: no-training, name: mine }', '`name` has no meaning beside `preset`'],
    ['{ preset: no-training, unknown: allow }', '`unknown` has no meaning beside `preset`'],
    ['{ preset: no-training, subjects: { keys: [apq] } }', 'did you mean `app`?'],
    ['{ preset: no-training }\n  - { preset: no-training }', 'stands twice'],
  ])('%s: %s', async (entry, part) => {
    const loaded = await loadFile(`  - ${entry}\n`)
    expect(loaded.ok).toBe(false)
    expect(loaded.problems.map(({ message }) => message).join('\n')).toContain(part)
  })

  test.each([
    ['{ name: no-training/does-not-train, deny: { local: true } }\n  - { preset: no-training }'],
    ['{ preset: no-training }\n  - { name: no-training/does-not-train, deny: { local: true } }'],
  ])('no other rule has the name of one of its rules: %s', async (entry) => {
    const loaded = await loadFile(`  - ${entry}\n`)
    expect(loaded.ok).toBe(false)
    expect(loaded.problems.map(({ message }) => message).join('\n')).toContain('`no-training/does-not-train`')
  })

  test.each([
    ['{ name: no-training, deny: { local: true } }\n  - { preset: no-training }'],
    ['{ preset: no-training }\n  - { name: no-training, deny: { local: true } }'],
  ])('a rule may have the name of a preset: %s', async (entry) => {
    expect((await loadFile(`  - ${entry}\n`)).ok).toBe(true)
  })

  test('another text of a preset is another epoch; of one that the file does not name, it is not', async () => {
    const epoch = async (changed: ReadonlyMap<string, readonly PresetRule[]>) => {
      const loaded = await loadConfig(fileOf('  - preset: italy-garante\n'), {
        ...OPTIONS,
        adapters,
        ruleKinds,
        presets: changed,
        catalog: makeCatalog({}),
        now: 0,
      })
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
      return loaded.snapshot.epoch
    }
    const other: readonly PresetRule[] = [{ name: 'service', deny: { operator: 'another' } }]
    const before = await epoch(presets)
    expect(await epoch(new Map([...presets, ['italy-garante', other]]))).not.toBe(before)
    expect(await epoch(new Map([...presets, ['no-training', other]]))).toBe(before)
  })
})

test('two presets together let through what each of them lets through, and nothing else', async () => {
  const targets = files.flatMap(({ preset }) =>
    preset.cases.flatMap(({ target }) => (target ? [makeTarget(target.id, JSON.parse(JSON.stringify(target)))] : [])),
  )
  const passing = async (names: readonly string[]) => {
    const loaded = await loadFile(names.map((name) => `  - preset: ${name}\n`).join(''))
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    return targets.map((target) => judgeAlways(loaded.snapshot, undefined, target).objections.length === 0)
  }
  const alone = new Map(await Promise.all(files.map(async ({ file }) => [file, await passing([file])] as const)))
  for (const [one, first] of alone)
    for (const [other, second] of alone) {
      if (one === other) continue
      expect(await passing([one, other])).toEqual(first.map((passes, index) => passes && second[index] === true))
    }
})

test('the page of policies says of every preset what it blocks and what it does not', () => {
  const page = readFileSync(new URL('../docs/policies.md', import.meta.url), 'utf8')
  for (const { preset } of files) {
    const dates = preset.sources.map(({ date }) => date).toSorted()
    expect(page).toContain(`| \`${preset.name}\` | ${preset.blocks} | ${preset.doesNotBlock} | ${dates.at(-1)} |`)
  }
})
