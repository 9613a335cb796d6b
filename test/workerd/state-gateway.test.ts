// The whole worker over its Durable Objects: 200 callers at once, and nobody gets more than there is (laws 2, 3, 4 and 9).
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import type { LedgerRow } from '#src/core/ledger.ts'
import { configured, startWorkerd, type Workerd } from '../../scripts/workerd.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'
import { newFolder, startRemote } from './state-client.ts'

const bundle = inject('bundles')?.worker
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const CALLERS = 200
/** Of each request, in nano-USD: 1,000 tokens at a dollar a million, of which 400 are used. */
const WORST = 1_000_000n
const BILL = 400_000n

const SETTLED = {
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: '네' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 5, completion_tokens: 400, total_tokens: 405 },
}

function answer(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(SETTLED))
}

function configOf(baseUrl: string): object {
  const key = (id: string, more: object = {}) => ({ id, sha256: sha256(`sk-${id}`), ...more })
  const usd = 0.0375
  return {
    version: 1,
    heartbeat: '100ms',
    providers: {
      local: { type: 'openai-compatible', baseUrl, local: true, models: { m: { price: { input: 0, output: 1 } } } },
    },
    models: { chat: { targets: ['local/m'], retry: { attempts: 1 } } },
    keys: [
      key('paying', { budget: { usd, per: 'total' } }),
      key('a', { tenant: 'both', budget: { usd, per: 'total' } }),
      key('b', { tenant: 'both', budget: { usd, per: 'total' } }),
      key('rates', { limits: { rpm: 50 } }),
      key('slots', { limits: { concurrency: 10 } }),
      key('once', { budget: { usd: 0.0015, per: 'total' }, limits: { concurrency: 1 } }),
      key('free'),
    ],
    budgets: [{ name: 'both', subjects: { tenants: ['both'] }, usd, per: 'total' }],
    admin: { sha256: sha256('sk-admin') },
  }
}

describe.skipIf(bundle === undefined)('the worker with its Durable Objects', () => {
  /** Answers that wait until everybody is in or refused; undefined: none waits. */
  let waiting: ServerResponse[] | undefined
  let upstream: Upstream
  let folder = ''
  let workerd: Workerd

  async function start(): Promise<void> {
    if (bundle === undefined) throw new Error('there is no workerd here')
    workerd = await startWorkerd(configured(bundle, JSON.stringify(configOf(upstream.url))), { state: { folder } })
  }

  beforeAll(async () => {
    upstream = await startUpstream(({ body }, response) => {
      if (body['stream'] !== true) return void (waiting ? waiting.push(response) : answer(response))
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const event = { model: 'm', choices: [{ index: 0, delta: { role: 'assistant', content: '네 ' } }] }
      response.write(`data: ${JSON.stringify(event)}\n\n`)
    })
  })
  beforeEach(async () => {
    folder = await newFolder()
    await start()
  })
  afterEach(async () => {
    waiting = undefined
    await workerd.close()
    await rm(folder, { recursive: true })
  })
  afterAll(() => upstream?.close())

  const ask = (key: string, body: object = {}, init: RequestInit = {}): Promise<Response> =>
    fetch(`${workerd.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer sk-${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'chat', max_tokens: 1000, messages: [{ role: 'user', content: '안녕' }], ...body }),
      ...init,
    })

  const operate = (method: string, path: string, body?: object): Promise<Response> =>
    fetch(`${workerd.url}/-/${path}`, {
      method,
      headers: { authorization: 'Bearer sk-admin' },
      ...(body && { body: JSON.stringify(body) }),
    })

  /** All ask at once, and the upstream answers when each of them is in or refused. Answers the statuses. */
  async function crowd(keys: readonly string[]): Promise<ReadonlyMap<number, number>> {
    const statuses: number[] = []
    const held: ServerResponse[] = (waiting = [])
    const asked = keys.map(async (key) => {
      const response = await ask(key)
      await response.text()
      statuses.push(response.status)
    })
    await vi.waitFor(() => expect(held.length + statuses.length).toBe(keys.length), 30_000)
    for (const response of held) answer(response)
    await Promise.all(asked)
    return new Map(
      [...new Set(statuses)].toSorted().map((status) => [status, statuses.filter((one) => one === status).length]),
    )
  }

  const from = (key: string): readonly string[] => Array.from({ length: CALLERS }, () => key)

  /** The ledger, in which each answer is booked before it is given. */
  async function ledger(): Promise<readonly LedgerRow[]> {
    await workerd.close()
    const remote = await startRemote(folder)
    const { rows } = await remote.left.store.ledger({ most: 10_000 })
    expect(await remote.left.store.audit(false)).toEqual([])
    await remote.close()
    await start()
    return rows
  }

  test('of 200 at once exactly those get in that the budget pays for, and then those for whom the bills left room', async () => {
    expect(await crowd(from('paying'))).toEqual(
      new Map([
        [200, 37],
        [429, 163],
      ]),
    )
    const left = 37_500_000n - 37n * BILL
    const next = Number(left / WORST)
    expect(await crowd(from('paying'))).toEqual(
      new Map([
        [200, next],
        [429, CALLERS - next],
      ]),
    )
    const usage = await (await operate('GET', 'usage?by=key')).json()
    expect(usage).toMatchObject({ durable: true })
    expect(JSON.stringify(usage)).toContain(`"attempts":${37 + next}`)
    const rows = await ledger()
    expect(rows.map(({ bill }) => bill)).toEqual(Array.from({ length: 37 + next }, () => BILL))
    expect(new Set(rows.map(({ id }) => id)).size).toBe(37 + next)
  })

  test('of a budget that two keys share none gets more, whoever asks', async () => {
    const keys = from('a').map((key, at) => (at % 2 === 0 ? key : 'b'))
    expect(await crowd(keys)).toEqual(
      new Map([
        [200, 37],
        [429, 163],
      ]),
    )
    expect(await ledger()).toHaveLength(37)
  })

  test('of 200 at once as many get in as the minute allows, and the others are told when to come again', async () => {
    expect(await crowd(from('rates'))).toEqual(
      new Map([
        [200, 50],
        [429, 150],
      ]),
    )
    const refused = await ask('rates')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    await refused.text()
  })

  test('of 200 at once as many get in as there are slots, which are free again after the answers', async () => {
    for (let round = 0; round < 2; round++)
      expect(await crowd(from('slots'))).toEqual(
        new Map([
          [200, 10],
          [429, 190],
        ]),
      )
  })

  test('a caller that hangs up is billed once, and its slot and its hold are free', async () => {
    const hangUp = new AbortController()
    const response = await ask('once', { stream: true }, { signal: hangUp.signal })
    const reader = response.body?.getReader()
    await reader?.read()
    expect((await ask('once', { stream: true })).status).toBe(429)
    hangUp.abort()
    await reader?.read().catch(() => undefined)
    await vi.waitFor(async () => expect((await ask('once')).status).toBe(200), 30_000)
    const [aborted, answered, ...more] = await ledger()
    expect(aborted?.paid).toMatchObject({ outcome: 'aborted', estimated: true })
    expect(aborted?.bill).toBeGreaterThan(0n)
    expect([answered?.bill, more]).toEqual([BILL, []])
  })

  test('where an object cannot be asked, what a budget covers is refused and what a limit covers is not', async () => {
    await workerd.close()
    const remote = await startRemote(folder)
    for (const id of ['paying', 'rates']) await remote.left.object(`shard/key/${id}`, 'outdate')
    await remote.close()
    await start()
    const refused = await ask('paying')
    expect([refused.status, await refused.json()]).toMatchObject([503, { error: { code: 'state_unavailable' } }])
    expect((await ask('rates')).status).toBe(200)
    expect((await ask('a')).status).toBe(200)
  })

  test('what is denied is denied by the next worker too, until it is lifted', async () => {
    const denied = await operate('POST', 'deny', { name: 'leak', deny: { provider: 'local' } })
    expect(await denied.json()).toMatchObject({ denied: 'leak', survives_restart: true })
    expect((await ask('free')).status).toBe(403)
    await workerd.close()
    await start()
    expect((await ask('free')).status).toBe(403)
    expect((await operate('DELETE', 'deny/leak')).status).toBe(200)
    expect((await ask('free')).status).toBe(200)
  })

  test('a stored answer is found by the next worker, and by its owner alone', async () => {
    const headers = (key: string) => ({ authorization: `Bearer sk-${key}`, 'content-type': 'application/json' })
    const body = JSON.stringify({ model: 'chat', input: '안녕', store: true })
    const asked = await fetch(`${workerd.url}/v1/responses`, { method: 'POST', headers: headers('free'), body })
    const { id } = (await asked.json()) as { readonly id: string }
    await workerd.close()
    await start()
    const statusFor = async (key: string) =>
      (await fetch(`${workerd.url}/v1/responses/${id}`, { headers: headers(key) })).status
    expect([await statusFor('free'), await statusFor('rates')]).toEqual([200, 404])
  })
})
