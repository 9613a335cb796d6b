import { expect, test } from 'vitest'
import type { Adapter } from '#src/core/adapter.ts'
import { catalog, options } from '../../test/support/config-fakes.ts'
import { loadConfig, type LoadOptions } from './load.ts'
import { renderProblem } from './problem.ts'

const REGIONS: Readonly<Record<string, string>> = { seoul: 'KR', tokyo: 'JP' }

const given = options()
const fake = given.adapters.get('openai')
if (fake === undefined) throw new Error('the fakes have no openai')

const { regions: _, ...plain } = fake
const cloud: Adapter = {
  ...plain,
  type: 'cloud',
  title: 'Some Cloud',
  credential: 'optional',
  baseUrl: 'https://api.{place}.openai.com/{project}/v1',
  settings: {
    place: { required: true, secret: false, description: 'the region' },
    project: { required: true, secret: false, description: 'the project' },
    secretKey: { required: 'without-key', secret: true, description: 'the secret half' },
    session: { required: false, secret: true, description: 'of a role' },
    joined: { required: false, secret: false, binding: true, description: 'the name of a binding' },
  },
  placeOf: (model, { place = '' }) => {
    if (model.startsWith('world.')) return { region: 'global', roams: true }
    if (model.startsWith('roaming.')) return { roams: true }
    const region = REGIONS[place]
    return region === undefined ? { roams: false } : { region, roams: false }
  },
}

const CANARY = 'canary-0123456789'
const CANARY_NUMBER = 9_876_543_210
const ENV: Readonly<Record<string, string>> = { SECRET: CANARY, OPENAI_API_KEY: 'sk-x' }

function load(file: object, over: Partial<LoadOptions> = {}) {
  return loadConfig(
    JSON.stringify(file),
    options({
      adapters: new Map([...given.adapters, ['cloud', cloud]]),
      catalog: { ...catalog, vendorOfHost: (host) => (host.endsWith('.openai.com') ? 'openai' : undefined) },
      env: (name) => ENV[name],
      ...over,
    }),
  )
}

const settings = { place: 'seoul', project: 'p-1', secretKey: '${SECRET}' }
const one = (entry: object, more: object = {}): object => ({ providers: { c: { type: 'cloud', ...entry } }, ...more })

async function said(file: object, over: Partial<LoadOptions> = {}): Promise<string[]> {
  const { problems } = await load(file, over)
  return problems.map((problem) => `${problem.path}: ${renderProblem(problem).split(': ').slice(1).join(': ')}`)
}

async function accountsOf(file: object) {
  const loaded = await load(file)
  if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  return loaded.snapshot.providers.get('c')?.accounts
}

test('settings fill the address and travel with the account, the secret ones named as such', async () => {
  expect(await accountsOf(one({ settings }))).toEqual([
    {
      id: 'default',
      baseUrl: 'https://api.seoul.openai.com/p-1/v1',
      headers: {},
      settings: { place: 'seoul', project: 'p-1', secretKey: CANARY },
      secrets: [CANARY],
    },
  ])
})

test('an account`s own go over the provider`s', async () => {
  const accounts = [{ id: 'a' }, { id: 'b', settings: { project: 'p-2', session: 'session-of-b' } }]
  const [a, b] = (await accountsOf(one({ settings, accounts }))) ?? []
  expect(a).toMatchObject({ baseUrl: 'https://api.seoul.openai.com/p-1/v1', secrets: [CANARY] })
  expect(b).toMatchObject({
    baseUrl: 'https://api.seoul.openai.com/p-2/v1',
    settings: { place: 'seoul', project: 'p-2' },
    secrets: [CANARY, 'session-of-b'],
  })
})

test('a binding is judged where the runtime says what it has', async () => {
  const file = one({ settings: { ...settings, joined: 'AI' } })
  const problems = async (over: Partial<LoadOptions>) => (await load(file, over)).problems.map(({ path }) => path)
  expect(await problems({})).toEqual([])
  expect(await problems({ hasBinding: (name) => name === 'AI' })).toEqual([])
  expect(await problems({ hasBinding: () => false })).toEqual(['providers.c.settings.joined'])
})

test('an address that the file writes is left as it is', async () => {
  expect(await accountsOf(one({ settings, baseUrl: 'https://own.example' }))).toMatchObject([
    { baseUrl: 'https://own.example', settings: { place: 'seoul' } },
  ])
})

test.each([
  [
    'an unknown one',
    one({ settings: { ...settings, plaec: 'x' } }),
    'providers.c.settings.plaec: `plaec` is no setting of Some Cloud, did you mean `place`?',
    'there are `place`, `project`, `secretKey`, `session`, `joined`',
  ],
  [
    'one of a type that has none',
    { providers: { openai: { apiKey: 'x', settings: { place: 'x' } } } },
    'providers.openai.settings.place: `place` is no setting of OpenAI',
    'remove it: there are none',
  ],
  [
    'a missing one',
    one({ settings: { place: 'seoul', secretKey: 'x' } }),
    'providers.c.settings.project: the setting `project` is missing: Some Cloud needs it (the project)',
    'write `settings: { project: … }`',
  ],
  [
    'an empty one',
    one({ settings: { ...settings, place: '${NOPE:-}' } }),
    'providers.c.settings.place: the setting `place` is empty: Some Cloud needs it (the region)',
    'write `settings: { place: … }`',
  ],
  [
    'a secret one without which there is no credential',
    one({ settings: { place: 'seoul', project: 'p' } }),
    'providers.c.settings.secretKey: the setting `secretKey` is missing: Some Cloud needs it where there is no `apiKey` (the secret half)',
    'write `settings: { secretKey: "${NAME}" }` and set NAME in the environment',
  ],
  [
    'a missing one of the second account',
    one({ settings: { place: 'seoul' }, accounts: [{ apiKey: 'x', settings: { project: 'p' } }, { apiKey: 'y' }] }),
    'providers.c.accounts[1].settings.project: the setting `project` is missing',
    'write `settings: { project: … }`',
  ],
  [
    'accounts on two hosts',
    one({ settings, accounts: [{}, { settings: { place: 'tokyo' } }] }),
    'providers.c.accounts[1].settings: the settings of this account lead to another host than those of the first',
    'make it a provider of its own',
  ],
  [
    'a text in the place of the mapping',
    one({ settings: 'place' }),
    'providers.c.settings: `settings` is ',
    'a mapping of names to texts',
  ],
])('%s is an error that says how to mend it', async (_name, file, message, mend) => {
  const lines = await said(file)
  expect(lines.find((line) => line.startsWith(message))).toContain(mend)
})

test('with an `apiKey` the secret half may be missing', async () => {
  expect(await said(one({ apiKey: 'x', settings: { place: 'seoul', project: 'p' } }))).toEqual([])
})

test.each(['evil.com/', 'a@b', 'a:1', '..', '.a', '-a', 'a b', 'https://x', 'a{b}', 'a?', 'a#', 'ａ', ''])(
  'a setting of `%s` never stands in an address',
  async (place) => {
    const loaded = await load(one({ settings: { ...settings, place } }))
    expect(loaded.ok).toBe(false)
  },
)

test('no message shows what a setting holds', async () => {
  const files = [
    one({ settings: { ...settings, place: '${SECRET}/' } }),
    one({ settings: { ...settings, place: `${CANARY}/` } }),
    one({ settings: [CANARY] }),
    one({ settings: { ...settings, secretKey: CANARY_NUMBER } }),
    one({ settings: { secretKey: { [CANARY]: 1 } } }),
  ]
  for (const file of files) {
    const { ok, problems } = await load(file)
    expect(ok).toBe(false)
    const all = problems.map(renderProblem).join('\n')
    expect(all).not.toContain(CANARY)
    expect(all).not.toContain(String(CANARY_NUMBER))
  }
})

test('whoever only looks hears of a missing variable once, and the file still compiles', async () => {
  const file = one({ settings: { place: '${NOPE}', project: 'p', secretKey: '${NOPE}' } })
  const { ok, problems } = await load(file, { missing: 'note' })
  expect(ok).toBe(true)
  expect(problems.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    'note: the environment variable `NOPE` is not set',
    'note: the environment variable `NOPE` is not set',
  ])
})

test.each([
  ['plain', {}, 'KR'],
  ['plain', { region: 'SG' }, 'SG'],
  ['world.x', {}, 'global'],
  ['world.x', { region: 'KR' }, 'global'],
  ['roaming.x', {}, undefined],
  ['roaming.x', { region: 'KR' }, undefined],
  // Anybody's host: its type says nothing of it.
  ['plain', { baseUrl: 'https://own.example' }, undefined],
  ['plain', { baseUrl: 'https://own.example', region: 'KR' }, 'KR'],
  ['world.x', { baseUrl: 'https://own.example', region: 'KR' }, undefined],
  ['plain', { settings: { ...settings, place: 'elsewhere' } }, undefined],
])('%s with %j is processed in %s', async (model, entry, region) => {
  const loaded = await load(one({ settings, ...entry }, { models: { m: { targets: [`c/${model}`] } } }))
  if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  expect(loaded.snapshot.targets.get(`c/${model}`)?.facts.region).toBe(region)
})
