import { expect, test } from 'vitest'
import { webHash } from '#src/assemble.ts'
import { load } from '#src/load.ts'
import { createGateway } from '#src/index.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { refuseForWorker } from './refuse-outside-node.ts'

const PROVIDERS = { local: { type: 'openai-compatible', baseUrl: 'https://llm.example/v1' } }
const KEY = { id: 'app', sha256: '0'.repeat(64) }

async function refused(config: object, shared = false): Promise<readonly string[]> {
  const text = JSON.stringify({ version: 1, providers: PROVIDERS, ...config })
  const loaded = await load(text, { file: 'tutti.yaml', env: () => undefined, missing: 'error', hash: webHash })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return refuseForWorker(loaded.snapshot, { ...loaded.settings, shared })
}

test.each([
  ['keys', { keys: [KEY] }],
  ['anybody, as written', { auth: 'none' }],
  ['state in memory', { keys: [KEY], state: { driver: 'memory' } }],
  ['an empty proxy', { keys: [KEY], providers: { local: { ...PROVIDERS.local, proxy: '${HTTPS_PROXY:-}' } } }],
])('%s: deployed', async (_name, config) => {
  expect(await refused(config)).toEqual([])
})

test.each([
  ['no keys', {}, 'a worker needs `keys`, or `auth: none` where anybody may use it'],
  ['a budget', { keys: [{ ...KEY, budget: { usd: 1, per: 'day' } }] }, 'key `app`: `budget` and `limits`'],
  ['limits', { keys: [{ ...KEY, limits: { rpm: 10 } }] }, 'key `app`: `budget` and `limits`'],
  ['budgets', { keys: [KEY], budgets: [{ name: 'x', usd: 1, per: 'day' }] }, '`budgets` on a worker'],
  [
    'redis',
    { keys: [KEY], state: { driver: 'redis', url: 'redis://h' } },
    '`state: { driver: redis }`: a worker keeps no connection',
  ],
  ['sqlite', { keys: [KEY], state: { driver: 'sqlite' } }, '`state: { driver: sqlite }`'],
  [
    'a proxy',
    { keys: [KEY], providers: { local: { ...PROVIDERS.local, proxy: 'http://proxy.example:3128' } } },
    'provider `local`: `proxy` on a worker is not in this version',
  ],
])('%s: refused', async (_name, config, message) => {
  const [first, ...more] = await refused(config)
  expect(first).toContain(message)
  expect(more).toEqual([])
})

test('with state that instances share, what is counted in it is deployed', async () => {
  const limited = { ...KEY, budget: { usd: 1, per: 'day' }, limits: { rpm: 10 } }
  expect(await refused({ keys: [limited], budgets: [{ name: 'x', usd: 1, per: 'day' }] }, true)).toEqual([])
  expect(await refused({ keys: [limited], state: { driver: 'sqlite' } }, true)).toHaveLength(1)
})

test('the library leaves to its program what only Node does, and says what to give', async () => {
  const proxied = { version: 1, providers: { local: { ...PROVIDERS.local, proxy: 'http://proxy.example:3128' } } }
  await expect(createGateway(proxied)).rejects.toThrow('give one to createGateway')
  await expect(createGateway(proxied, { fetch })).resolves.toBeDefined()
  const kept = { version: 1, providers: PROVIDERS, state: { driver: 'sqlite', path: 'x.db' } }
  await expect(createGateway(kept)).rejects.toThrow('as `state`')
  const shared = { ...kept, state: { driver: 'redis', url: 'redis://h' } }
  await expect(createGateway(shared)).rejects.toThrow('`state: { driver: redis }` needs a store')
  await expect(createGateway(kept, { state: createMemoryStore() })).resolves.toBeDefined()
})
