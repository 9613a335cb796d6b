import { expect, test } from 'vitest'
import { options } from '../../test/support/config-fakes.ts'
import { loadConfig, type LoadOptions } from './load.ts'
import { renderProblem } from './problem.ts'

const SHA = 'a'.repeat(64)
const HEAD = 'providers:\n  openai: { apiKey: "${OPENAI_API_KEY}" }\n'

async function said(text: string, over: Partial<LoadOptions> = {}): Promise<string[]> {
  const loaded = await loadConfig(text, options(over))
  return loaded.problems.map((problem) => renderProblem(problem).replace('\n    ', ' | '))
}

async function good(text: string, over: Partial<LoadOptions> = {}) {
  const loaded = await loadConfig(text, options(over))
  if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  return loaded
}

test('a key that is over is a warning, one that makes none or too many an error', async () => {
  const keyed = (more: string) => said(`${HEAD}keys:\n  - { id: a, sha256: ${SHA}, ${more} }\n`)
  expect(await keyed('expires: 2020-01-01')).toEqual([
    'tutti.yaml:4:97: warning: this key is not valid any more | give it another `expires`, or remove it',
  ])
  expect(await keyed('expires: 2999-12-31, mints: 1000')).toEqual([])
  for (const [more, says] of [
    ['expires: soon', '`expires` is `soon`: expected a date'],
    ['mints: 0', '`mints` is `0`: expected a number of keys'],
    ['mints: 1001', '`mints` is `1001`: expected a number of keys'],
  ] as const)
    expect(await keyed(more)).toEqual([expect.stringContaining(says)])
})

test('warnings: one failure domain, retirement, weights, empty keys', async () => {
  const file = `${HEAD}  again: { type: openai, apiKey: x }\nmodels:\n  m:\n    targets:\n      - openai/gpt-3\n      - { target: again/gpt-5, weight: 2 }\nkeys: []\n`
  const lines = await said(file)
  expect(lines.map((line) => line.split(' | ')[0])).toEqual([
    'tutti.yaml:7:9: warning: `gpt-3` was retired on 2026-01-31',
    'tutti.yaml:8:9: warning: `gpt-5` retires on 2026-12-31',
    'tutti.yaml:8:19: warning: `again/gpt-5` and `openai/gpt-3` are both on the same host: one failure takes both out',
    'tutti.yaml:8:32: warning: `weight` counts with `strategy: weighted` only',
    'tutti.yaml:9:7: warning: `keys` is empty: only keys that are made while it runs come in',
  ])
  expect((await said(`${HEAD}models: { m: { targets: [openai/a, openai/b], fallback: false } }`)).length).toBe(0)
})

test('a missing variable is a note for whoever only looks, and the file still compiles', async () => {
  const file =
    'providers:\n  openai: { apiKey: "${NOPE}" }\n  p: { type: openai-compatible, baseUrl: "${ALSO}/v1" }\nserver: { port: "${PORT}" }\n'
  const loaded = await good(file, { missing: 'note' })
  expect(loaded.problems.map(({ severity, line, message }) => [severity, line, message])).toEqual([
    ['note', 2, 'the environment variable `NOPE` is not set'],
    ['note', 3, 'the environment variable `ALSO` is not set'],
    ['note', 4, 'the environment variable `PORT` is not set'],
  ])
  expect(loaded.snapshot.providers.get('openai')?.accounts[0]).toEqual({
    id: 'default',
    baseUrl: 'https://api.openai.com/v1',
    headers: {},
  })
})

test('references: defaults, literals, files, numbers', async () => {
  const file =
    'providers:\n  openai: { apiKey: "${file:/k}", headers: { x-a: "$${B}-${C:-d}" }, proxy: "${HTTPS_PROXY:-}" }\nserver: { port: "${PORT:-9000}" }\n'
  const { snapshot } = await good(file, {
    readFile: (path) => (path === '/k' ? 'sk-file\n' : undefined),
    env: (name) => ({ C: '' })[name],
  })
  const openai = snapshot.providers.get('openai')
  expect(openai?.accounts).toEqual([
    { id: 'default', baseUrl: 'https://api.openai.com/v1', apiKey: 'sk-file', headers: { 'x-a': '${B}-d' } },
  ])
  expect(openai?.egress).toEqual({ local: false, connectTimeoutMs: 5000 })
  expect(snapshot.server.port).toBe(9000)
})

test('what is put in adds no structure and is not looked at again', async () => {
  const { snapshot } = await good(
    HEAD.replace('}"', '}", region: "${R}"')
      .replace('openai:', 'p: { type: openai-compatible, baseUrl: "https://h.example" }\n  openai:')
      .replace(', region: "${R}"', ', headers: { a: "${R}" }'),
    {
      env: () => 'a: {b: ${OTHER}}'.replaceAll(' ', ''),
    },
  )
  expect(snapshot.providers.get('openai')?.accounts[0]?.headers).toEqual({ a: 'a:{b:${OTHER}}' })
})

test('the example of the interface, without what this version refuses, compiles', async () => {
  const { snapshot, settings, problems } = await good(EXAMPLE)
  expect(problems).toEqual([])
  expect(settings).toEqual({ state: { driver: 'sqlite', path: './tutti.db' }, logs: 'json' })
  expect(snapshot.server).toEqual({ host: '127.0.0.1', port: 8787, bodyLimit: 20 * 1024 * 1024, drain: 120_000 })
  const route = snapshot.routes.get('chat')
  expect(route?.timeouts).toEqual({ connect: 5000, firstToken: 30_000, idle: 120_000, total: 1_800_000, heartbeat: 0 })
  expect(route?.attempts).toBe(4)
  expect(route?.targets.map(({ target, weight }) => [target.id, weight])).toEqual([
    ['openai/gpt-6-luna', 1],
    ['seoul/kanana-1.5-8b', 1],
  ])
  const kanana = snapshot.targets.get('seoul/kanana-1.5-8b')
  expect(kanana?.source).toBe('tutti.yaml:12:7')
  expect(kanana?.facts).toEqual({
    provider: 'seoul',
    model: 'kanana-1.5-8b',
    operator: 'our-company',
    operatorCountry: 'KR',
    region: 'KR',
    local: true,
    developer: 'kakao',
    lineage: [],
    license: 'apache-2.0',
    context: 32_768,
    capabilities: ['chat', 'tools'],
    price: { input: 0n, output: 250_000_000n, source: 'tutti.yaml:12:121' },
  })
  expect(snapshot.access.mode).toBe('keys')
  expect(snapshot.keysById.get('team-a')).toEqual({
    id: 'team-a',
    tenant: 'kakao',
    tags: ['ministry'],
    models: ['chat', 'openai/*'],
    budget: { limit: 100_000_000_000n, per: 'month' },
    limits: { rpm: 60, tpm: 100_000, concurrency: 20 },
  })
  expect(snapshot.rules.map(({ name, source }) => [name, source])).toEqual([['no-deepseek', 'tutti.yaml:21:5']])
})

const EXAMPLE = `version: 1
server:    { host: 127.0.0.1, port: 8787, bodyLimit: 20MB, drain: 120s }
state:     { driver: sqlite, path: ./tutti.db }
providers:
  openai:    { apiKey: "\${OPENAI_API_KEY}", headers: {}, proxy: "\${HTTPS_PROXY:-}" }
  seoul:
    type: openai-compatible
    baseUrl: http://127.0.0.1:8000/v1
    apiKey: "\${SEOUL_KEY:-}"
    operator: { name: our-company, country: KR }
    models:
      kanana-1.5-8b: { developer: kakao, lineage: [], license: Apache-2.0, context: 32768, capabilities: [chat, tools], price: { input: 0, output: 0.25 } }
    region: KR
    local: true
models:
  chat: { targets: [openai/gpt-6-luna, seoul/kanana-1.5-8b], fallback: true, strategy: cheapest,
    timeouts: { connect: 5s, firstToken: 30s, idle: 120s, total: 30m, heartbeat: 0 },
    retry: { attempts: 4 },
    onBreak: error }
policies:
  - name: no-deepseek
    deny: { developer: deepseek, derived: true, except: { local: true } }
    reason: DeepSeek is not permitted here
    mode: enforce
keys:
  - { id: team-a, sha256: ${SHA}, tenant: kakao, tags: [ministry], models: [chat, "openai/*"],
      budget: { usd: 100, per: month }, limits: { rpm: 60, tpm: 100000, concurrency: 20 } }
telemetry: { logs: json, otlp: "\${OTEL_EXPORTER_OTLP_ENDPOINT:-}" }
`

test('facts: file, then catalog on the vendor own host, then defaults', async () => {
  const file = `${HEAD}  eu: { type: openai, apiKey: x, region: eu }
  elsewhere: { type: openai, apiKey: x, baseUrl: "https://proxy.example/v1" }
  router: { type: openrouter, apiKey: x, local: true }
  ollama: {}
  far: { type: ollama, baseUrl: "https://gpu.example/v1" }
  told: { type: openai-compatible, baseUrl: "https://h.example", models: { deepseek-r1: { developer: us, lineage: [] }, deepseek-v3: { developer: us } } }
`
  const { snapshot } = await good(file)
  const target = (provider: string, model: string) => {
    const found = snapshot.providers.get(provider)
    if (found === undefined) throw new Error(provider)
    return snapshot.targetOf(found, model)
  }
  expect(target('openai', 'gpt-6-luna').facts).toEqual({
    provider: 'openai',
    model: 'gpt-6-luna',
    developer: 'openai',
    lineage: [],
    region: 'US',
    context: 400_000,
    operator: 'openai',
    operatorCountry: 'US',
    local: false,
    trainsOnData: false,
  })
  expect(snapshot.providers.get('eu')?.accounts[0]?.baseUrl).toBe('https://eu.api.openai.com/v1')
  expect(target('eu', 'gpt-6-luna').facts.region).toBe('EU')
  expect(target('elsewhere', 'gpt-6-luna').facts).toEqual({ provider: 'elsewhere', model: 'gpt-6-luna' })
  expect(target('elsewhere', 'deepseek-r1').suspicion?.facts.developer).toBe('deepseek')
  expect(target('openai', 'my-deepseek').suspicion?.facts.developer).toBe('deepseek')
  expect(target('router', 'x/deepseek-r1').suspicion?.facts.developer).toBe('deepseek')
  expect(target('router', 'x').facts.local).toBeUndefined()
  expect(target('ollama', 'x').facts.local).toBe(true)
  expect(target('far', 'x').facts.local).toBeUndefined()
  expect(target('told', 'deepseek-r1').suspicion).toBeUndefined()
  expect(target('told', 'deepseek-v3').suspicion).toEqual({
    facts: { lineage: ['deepseek-v3'] },
    ancestry: { ancestors: [{ name: 'deepseek-v3' }], complete: true },
  })
  expect(target('told', 'deepseek-r1')).toBe(target('told', 'deepseek-r1'))
})

test('access: the command line counts, and `auth: none` is a choice', async () => {
  expect((await good(HEAD)).snapshot.access.mode).toBe('open')
  expect((await good(`${HEAD}auth: none\nserver: { host: 0.0.0.0 }`)).snapshot.access.mode).toBe('none')
  expect((await said(HEAD, { server: { host: '0.0.0.0' } }))[0]).toContain('needs `keys`')
  expect(
    (await good(`${HEAD}server: { host: 0.0.0.0 }`, { server: { host: '::1', port: 1 } })).snapshot.server,
  ).toMatchObject({ host: '::1', port: 1 })
})

test("a router's host is taken under its own type only", async () => {
  const router = (type: string) =>
    `providers: { r: { type: ${type}, baseUrl: https://openrouter.ai/api/v1, apiKey: k } }`
  expect(await said(router('openrouter'))).toEqual([])
  expect((await said(router('openai-compatible')))[0]).toContain("OpenRouter's host, which sends requests on")
  expect((await said(router('openai-compatible')))[0]).toContain('write `type: openrouter`')
})

test.each<[string, string, string | undefined, string, boolean]>([
  ['one target', '[openai/a]', 'cheapest', '', false],
  ['several by price', '[openai/a, openai/b]', 'cheapest', '', true],
  ['several by weight', '[openai/a, openai/b]', 'weighted', '', true],
  ['several by a mix', '[openai/a, openai/b]', 'balanced', '', true],
  ['several by speed', '[openai/a, openai/b]', 'fastest', '', false],
  ['several as written', '[openai/a, openai/b]', undefined, '', false],
  ['several accounts', '[many/a]', undefined, '', true],
  ['several by price, who is not to stay', '[openai/a, openai/b]', 'cheapest', 'sticky: false', false],
  ['several by price, marked', '[openai/a, openai/b]', 'cheapest', 'mark: true', true],
])('a conversation may stay or go: %s', async (_, targets, strategy, promptCache, sticky) => {
  const provider = '  many: { type: openai, accounts: [{ apiKey: x }, { apiKey: y }] }\n'
  const route = `targets: ${targets}${strategy ? `, strategy: ${strategy}` : ''}${promptCache ? `, promptCache: { ${promptCache} }` : ''}`
  const { snapshot } = await good(`${HEAD}${provider}models: { m: { ${route} } }`)
  const { sticky: stays, mark } = { ...snapshot.routes.get('m') }
  expect([stays, mark]).toEqual([sticky, promptCache === 'mark: true'])
})

test('what a prompt cache may be asked for', async () => {
  const lines = await said(`${HEAD}models: { m: { targets: [openai/a], promptCache: { sticky: 1, ttl: 1h } } }`)
  expect(lines).toHaveLength(2)
})
