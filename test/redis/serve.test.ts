// `tutti serve` on a Redis: gateways that share it, and one whose Redis is not there yet.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { createRuntime } from '#src/node.ts'
import { sha256 } from '../support/gateway.ts'
import { freePort, redisAbsent, startRedis, until, type TestRedis } from '../support/redis.ts'

/** What docs/state.md says that its user needs. */
const USER = '--user app on >canary ~tutti:* ~{tutti:* +@read +@write +@scripting +@connection +time +info'.split(' ')

const folder = mkdtempSync(join(tmpdir(), 'tutti-serve-redis-'))
const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})
afterAll(() => rmSync(folder, { recursive: true }))

function started(redis: TestRedis): TestRedis {
  ends.push(() => redis.end())
  return redis
}

async function serve(url: string, more = ''): Promise<string> {
  const file = join(folder, 'tutti.yaml')
  writeFileSync(
    file,
    `version: 1
server: { port: 0, drain: 1s }
state: { driver: redis, url: "${url}"${more} }
telemetry: { logs: off }
providers: { demo: { type: demo, models: { cheap: { price: { input: 1, output: 1 } } } } }
models: { chat: { targets: [demo/cheap] } }
keys: [{ id: app, sha256: ${sha256('sk-app')}, budget: { usd: 1, per: month }, limits: { rpm: 3 } }]
`,
  )
  const runtime = createRuntime()
  const loaded = await runtime.load(file, 'serve')
  assert(loaded.snapshot, JSON.stringify(loaded.problems))
  const served = await runtime.serve(loaded)
  ends.push(() => served.stop())
  return served.url
}

async function ask(url: string): Promise<number> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-app', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: '안녕' }] }),
  })
  await answer.text()
  return answer.status
}

test.skipIf(redisAbsent())('what one gateway lets in counts at the other one', async () => {
  const { url } = started(await startRedis())
  const [one, other] = [await serve(url), await serve(url)]
  expect([await ask(one), await ask(other), await ask(one)]).toEqual([200, 200, 200])
  expect([await ask(other), await ask(one)]).toEqual([429, 429])
})

test.skipIf(redisAbsent())(
  'it starts without its Redis, is not ready and says why, and is ready once it is there',
  async () => {
    const [port, redisFolder] = [await freePort(), mkdtempSync(join(tmpdir(), 'tutti-redis-late-'))]
    const url = await serve(`redis://app:canary@127.0.0.1:${port}`)
    const ready = () => fetch(`${url}/-/ready`)
    const answer = await ready()
    const text = await answer.text()
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
    expect(text).toContain('there is no connection')
    for (const secret of ['canary', `${port}`]) expect(text).not.toContain(secret)
    expect((await fetch(`${url}/-/health`)).status).toBe(200)
    expect(await ask(url)).toBe(503)
    started(await startRedis([...USER], { port, folder: redisFolder }))
    await until(async () => (await ready()).status === 200)
    expect(await ask(url)).toBe(200)
  },
)

test.skipIf(redisAbsent())(
  'one that is to stop while its Redis is gone does so after its drain, whatever is not booked',
  async () => {
    const redis = await startRedis()
    const url = await serve(redis.url, ', onFailure: { budgets: allow }')
    expect(await ask(url)).toBe(200)
    await redis.end()
    // It is answered, and its bill goes on being tried for minutes.
    expect(await ask(url)).toBe(200)
    const [stop] = ends.splice(0)
    await stop?.()
    await expect(ask(url)).rejects.toThrow('fetch failed')
  },
)
