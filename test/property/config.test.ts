import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { loadConfig, type Loaded, type LoadOptions } from '#src/config/load.ts'
import { renderProblem } from '#src/config/problem.ts'
import { isObject, type Json, type JsonObject } from '#src/core/json.ts'
import { options } from '../support/config-fakes.ts'

const RUNS = 150
const word = fc.stringMatching(/^[a-z][a-z0-9.-]{0,9}$/)
const anyText = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter((text) => !text.includes('$'))

/** Files that compile: names and texts of any script, rules and keys in any number. */
const goodFile: fc.Arbitrary<JsonObject> = fc.record(
  {
    version: fc.constant(1),
    providers: fc.constant({
      openai: { apiKey: '${OPENAI_API_KEY}', headers: { 'x-a': 'b' } },
      house: { type: 'openai-compatible', baseUrl: 'http://127.0.0.1:8000/v1', local: true, region: 'KR' },
    }),
    models: fc.dictionary(
      anyText.filter((name) => name !== '__proto__'),
      fc.record({
        targets: fc.uniqueArray(
          anyText.map((model) => `house/${model}`),
          { minLength: 1, maxLength: 3 },
        ),
        strategy: fc.constantFrom('priority', 'cheapest', 'fastest'),
        fallback: fc.boolean(),
      }),
      { maxKeys: 4 },
    ),
    policies: fc.uniqueArray(
      fc.record({
        name: word,
        reason: anyText,
        deny: fc.record({ developer: fc.array(anyText, { minLength: 1, maxLength: 3 }), derived: fc.boolean() }),
      }),
      { selector: (rule) => rule.name, maxLength: 4 },
    ),
    keys: fc.uniqueArray(fc.record({ id: word, sha256: fc.stringMatching(/^[0-9a-f]{64}$/), tenant: anyText }), {
      selector: (key) => key.id,
      maxLength: 4,
    }),
    direct: fc.boolean(),
  },
  { requiredKeys: ['providers'] },
)

function shuffled(value: Json, numbers: () => number): Json {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, numbers))
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([name, item]) => ({
    name,
    item: shuffled(item ?? null, numbers),
    rank: numbers(),
  }))
  return Object.fromEntries(entries.sort((a, b) => a.rank - b.rank).map(({ name, item }) => [name, item]))
}

/** A snapshot as text without the places of the file, mappings sorted by name. */
function meaning(loaded: Loaded): unknown {
  if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  return plain({ ...loaded.snapshot, settings: loaded.settings })
}

function plain(value: unknown): unknown {
  if (value instanceof Map)
    return [...value].map(([name, item]) => [name, plain(item)]).sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? 'function' : value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'source')
      .map(([name, item]) => [name, plain(item)]),
  )
}

test('the order of keys changes neither the epoch nor the meaning; the order of rules and keys not the epoch', async () => {
  await fc.assert(
    fc.asyncProperty(goodFile, fc.infiniteStream(fc.double({ noNaN: true })), async (file, stream) => {
      const first = await loadConfig(JSON.stringify(file), options())
      const other = await loadConfig(JSON.stringify(shuffled(file, () => stream.next().value ?? 0)), options())
      expect(meaning(other)).toEqual(meaning(first))
      const turned = { ...file, policies: reversed(file.policies), keys: reversed(file.keys) }
      const third = await loadConfig(JSON.stringify(turned), options())
      expect(third.ok && first.ok && third.snapshot.epoch === first.snapshot.epoch).toBe(true)
    }),
    { numRuns: RUNS },
  )
})

function reversed(value: Json | undefined): Json | undefined {
  return Array.isArray(value) ? value.toReversed() : value
}

test('a YAML file and its JSON rendering compile alike', async () => {
  await fc.assert(
    fc.asyncProperty(goodFile, fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE'), async (file, style) => {
      const yaml = stringify(file, { defaultStringType: style })
      const json = JSON.stringify(file, null, '\t')
      const expected = meaning(await loadConfig(yaml, options()))
      expect(meaning(await loadConfig(json, options()))).toEqual(expected)
      expect(meaning(await loadConfig(`// said\n${json}`, options({ file: 'tutti.jsonc' })))).toEqual(expected)
    }),
    { numRuns: RUNS },
  )
})

test('another value is another epoch, the value behind a variable is not', async () => {
  const file = (reason: string) =>
    JSON.stringify({
      providers: { openai: { apiKey: '${K}' } },
      policies: [{ name: 'a', reason, deny: { local: true } }],
    })
  const epoch = async (text: string, over: Partial<LoadOptions>) => {
    const loaded = await loadConfig(text, options(over))
    return loaded.ok ? loaded.snapshot.epoch : 'bad'
  }
  const one = await epoch(file('x'), { env: () => 'one' })
  expect(one).toMatch(/^[0-9a-f]{12}$/)
  expect(await epoch(file('x'), { env: () => 'two' })).toBe(one)
  expect(await epoch(file('y'), { env: () => 'one' })).not.toBe(one)
  expect(await epoch(file('x'), { env: () => 'one', catalog: { ...options().catalog, version: 'test-2' } })).not.toBe(
    one,
  )
})

const canary = fc.stringMatching(/^[a-f0-9]{8}$/).map((hex) => `canary${hex}`)
const FIELDS: readonly ((value: Json) => JsonObject)[] = [
  (value) => ({ providers: { openai: { apiKey: value } } }),
  (value) => ({ providers: { openai: { apiKey: 'x', baseUrl: value } } }),
  (value) => ({ providers: { openai: { apiKey: 'x', proxy: value } } }),
  (value) => ({ providers: { openai: { apiKey: 'x', ca: value } } }),
  (value) => ({ providers: { openai: { apiKey: 'x', headers: { 'x-a': value, host: value } } } }),
  (value) => ({ providers: { ollama: { apiKey: value } } }),
  (value) => ({ providers: { openai: { accounts: [{ apiKey: value, id: value }, { id: value }] } } }),
  (value) => ({ providers: { x: { type: value } } }),
  (value) => ({ providers: { openai: { apiKey: 'x', region: value } } }),
  (value) => ({ providers: { ollama: { operator: { name: 'x', country: value } } } }),
  (value) => ({
    providers: { ollama: { models: { m: { retires: value, capabilities: [value], context: value, price: value } } } },
  }),
  (value) => ({
    providers: { ollama: {} },
    models: { m: { targets: [value, { target: value }], strategy: value, timeouts: { idle: value } } },
  }),
  (value) => ({
    providers: { ollama: {} },
    keys: [
      { id: value, sha256: value },
      { id: value, sha256: value, models: [value], budget: { usd: value, per: value } },
    ],
  }),
  (value) => ({ providers: { ollama: {} }, admin: { sha256: value } }),
  (value) => ({
    providers: { ollama: {} },
    policies: [
      { name: value, mode: value, subjects: { keys: [value], tags: [value] }, deny: { local: value } },
      { name: value },
    ],
  }),
  (value) => ({
    providers: { ollama: {} },
    server: { host: value, port: value, bodyLimit: value },
    state: { driver: value },
    telemetry: { otlp: value },
  }),
]
const SHAPES = ['#', 'https://user:#@x.example', 'http://#.example/?a=#', 'ollama/#', '#/x', '-#-', '169.254.#']

test('no value from the environment or a file is in a problem, nor is a secret that the file writes out', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...FIELDS), fc.constantFrom(...SHAPES), canary, async (field, shape, secret) => {
      const bare = shape.replaceAll('#', secret)
      const text = async (value: string, over: Partial<LoadOptions>) =>
        JSON.stringify((await loadConfig(stringify(field(value)), options(over))).problems)
      expect(await text('${SECRET}', { env: () => bare })).not.toContain(secret)
      expect(await text(shape.replaceAll('#', '${SECRET}'), { env: () => secret })).not.toContain(secret)
      expect(await text('${file:/run/s}', { readFile: () => bare })).not.toContain(secret)
      // The first six are secret fields: a key, an address with a password in it, a proxy, a certificate, a header.
      if (FIELDS.indexOf(field) < 6) expect(await text(bare, {})).not.toContain(secret)
    }),
    { numRuns: 400 },
  )
})

test('no text makes loading throw, and a bad one always says where', async () => {
  const piece = fc.constantFrom(
    'providers:',
    ' ',
    '\n',
    '  ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '&a',
    '*a',
    '#',
    '!x',
    '|',
    '>',
    ':',
    ',',
    '%YAML 1.1',
    '---',
    '\t',
    '${',
    '$${',
    'a',
    '1',
    '//',
    '/*',
    '\u0000',
    '\uFEFF',
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 30 }),
      fc.constantFrom('tutti.yaml', 'tutti.jsonc'),
      async (pieces, file) => {
        const loaded = await loadConfig(pieces.join(''), options({ file }))
        expect(loaded.ok).toBe(false)
        expect(loaded.problems.length).toBeGreaterThan(0)
        for (const { line, column } of loaded.problems) expect(line > 0 && column > 0).toBe(true)
      },
    ),
    { numRuns: 300 },
  )
})
