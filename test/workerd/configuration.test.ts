import { createHash } from 'node:crypto'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { configured, startWorkerd, type Workerd } from '../../scripts/workerd.ts'

const bundle = inject('bundles')?.worker
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

let workerd: Workerd | undefined
afterEach(() => workerd?.close())

/** The worker with another file bundled; undefined: the one that the repository deploys. */
async function serve(config: object | undefined, texts: Readonly<Record<string, string>> = {}): Promise<Workerd> {
  if (bundle === undefined) throw new Error('there is no workerd here')
  workerd = await startWorkerd(config === undefined ? bundle : configured(bundle, JSON.stringify(config)), { texts })
  return workerd
}

const ask = (url: string, key: string, model = 'demo/cheap'): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: '안녕하세요' }] }),
  })

const providers = { demo: { type: 'demo', models: { cheap: { price: { input: 1, output: 1 } } } } }
const keys = [{ id: 'app', sha256: sha256('sk-app') }]
const denied = { name: 'sometimes', deny: { provider: 'demo' } }

describe.skipIf(bundle === undefined)('the configuration of a worker', () => {
  test('what the repository deploys answers its demo models, and only to the key in its binding', async () => {
    const { url } = await serve(undefined, { TUTTI_DEMO_KEY_SHA256: sha256('sk-tutti-dev') })
    const response = await ask(url, 'sk-tutti-dev', 'demo')
    expect(response.status).toBe(200)
    expect(response.headers.get('x-tutti-target')).toBe('demo/cheap')
    expect((await ask(url, 'sk-other', 'demo')).status).toBe(401)
  })

  test('without the binding it answers nobody, and its log names what is missing', async () => {
    const { url, line } = await serve(undefined)
    const response = await ask(url, 'sk-tutti-dev', 'demo')
    expect(response.status).toBe(500)
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'internal_error', type: 'server_error' } })
    expect(text).not.toContain('TUTTI_DEMO_KEY_SHA256')
    expect(await line((said) => said.includes('TUTTI_DEMO_KEY_SHA256'))).toContain('is not set')
  })

  test.each([
    ['no keys', { providers }, 'a worker needs `keys`'],
    ['a budget', { providers, keys: [{ ...keys[0], budget: { usd: 1, per: 'day' } }] }, 'binds as `TUTTI_STATE`'],
    ['limits', { providers, keys: [{ ...keys[0], limits: { rpm: 1 } }] }, 'binds as `TUTTI_STATE`'],
    ['a proxy', { providers: { demo: { ...providers.demo, proxy: '${PROXY}' } }, keys }, '`proxy` on a worker'],
    ['sqlite', { providers, keys, state: { driver: 'sqlite' } }, '`state: { driver: sqlite }` on a worker'],
    [
      'a binding that is none',
      { providers: { edge: { type: 'workers-ai-binding', settings: { binding: 'AI' } } }, keys },
      'names no binding that there is here',
    ],
    [
      'a time zone that is none',
      { providers, keys, policies: [{ ...denied, schedule: { days: ['mon'], timeZone: 'Asia/Soul' } }] },
      '`timeZone` is `Asia/Soul`',
    ],
    ['a secret in a file', { providers, keys: [{ id: 'app', sha256: '${file:/run/key}' }] }, '/run/key'],
  ])('%s: refused, never ignored', async (_name, config, message) => {
    const { url, line } = await serve({ version: 1, ...config }, { PROXY: 'http://127.0.0.1:3128' })
    expect((await ask(url, 'sk-app')).status).toBe(500)
    await line((said) => said.includes(message))
  })

  test.each([
    ['of the whole day', { hours: ['00:00-12:00', '12:00-24:00'], timeZone: 'Asia/Seoul' }, 403],
    ['that is over', { until: '2020-01-01', timeZone: 'America/New_York' }, 200],
  ])('clocks on walls are known there: a schedule %s', async (_name, schedule, status) => {
    const { url } = await serve({ version: 1, providers, keys, policies: [{ ...denied, schedule }] })
    expect((await ask(url, 'sk-app')).status).toBe(status)
  })

  test.each([
    ['the kill switch', '/-/deny', { method: 'POST', body: '{"name":"x","deny":{"provider":"demo"}}' }],
    ['the ledger', '/-/usage', {}],
  ])('without state that isolates share %s is refused, and says what is missing', async (name, path, init) => {
    const { url } = await serve({ version: 1, providers, keys, admin: { sha256: sha256('sk-admin') } })
    expect((await ask(url, 'sk-app')).status).toBe(200)
    const refused = await fetch(url + path, { ...init, headers: { authorization: 'Bearer sk-admin' } })
    expect(refused.status).toBe(501)
    expect(await refused.text()).toMatch(new RegExp(`${name} needs .* \`TUTTI_STATE\``, 'u'))
  })

  test('`auth: none` is open to everybody because the file says so; its operations are not', async () => {
    const { url } = await serve({ version: 1, providers, auth: 'none' })
    expect((await ask(url, 'anything')).status).toBe(200)
    expect((await fetch(`${url}/-/metrics`)).status).toBe(404)
  })
})
