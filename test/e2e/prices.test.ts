// What a price has beside tokens, on a running gateway: what the log says of a bill, and what a budget refuses.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFakeClock } from '../support/fake-clock.ts'
import { sha256, startGateway, type TestGateway } from '../support/gateway.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

/** A Thursday evening in Seoul. */
const clock = createFakeClock(Date.parse('2026-11-26T21:00:00+09:00'))
const USAGE = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 }
const NIGHT = { schedule: { hours: '22:00-06:00', timeZone: 'Asia/Seoul' }, factor: 0.5 }
const PRICE = { input: 1, output: 2 }

let upstream: Upstream
let tutti: TestGateway

beforeAll(async () => {
  upstream = await startUpstream(({ body }, response) => {
    const model = String(body['model'])
    const cost = model === 'dear' ? { cost: 0.01 } : model === 'fair' ? { cost: 0.00125 } : {}
    const tier = model === 'tiered' ? { service_tier: 'flex' } : {}
    response.writeHead(200, { 'content-type': 'application/json' })
    const choices = [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }]
    const read = model === 'verbose' ? { prompt_tokens: Number(String(body['user'])) } : {}
    const usage = model === 'mute' ? {} : { usage: { ...USAGE, ...cost, ...read } }
    response.end(JSON.stringify({ model, choices, ...tier, ...usage }))
  })
  const facts = { developer: 'x', lineage: [], maxOutput: 100, context: 10_000 }
  const priced = (price: object, more: object = {}) => ({ ...facts, ...more, price })
  tutti = await startGateway(
    {
      providers: {
        p: {
          type: 'openai-compatible',
          baseUrl: upstream.url,
          local: true,
          models: {
            timed: priced({ ...PRICE, windows: [NIGHT] }),
            tiered: priced({ ...PRICE, multipliers: { serviceTier: { flex: 0.5, priority: 2 } } }),
            korean: priced({ input: 1450, output: 2900, currency: 'KRW' }),
            mute: priced(PRICE),
            verbose: priced(PRICE),
            endless: { developer: 'x', lineage: [], maxOutput: 100, price: PRICE },
            searching: priced({ ...PRICE, perSearch: 0.01 }),
            bounded: priced({ ...PRICE, perSearch: 0.01 }, { maxSearches: 3 }),
          },
        },
        reseller: {
          type: 'vercel-ai-gateway',
          apiKey: 'k',
          baseUrl: upstream.url,
          local: true,
          models: { dear: priced(PRICE), fair: priced(PRICE) },
        },
      },
      metrics: { auth: 'none' },
      currencies: { KRW: { rate: 1450, asOf: '2026-11-26' } },
      keys: [
        { id: 'free', sha256: sha256('free') },
        { id: 'kept', sha256: sha256('kept'), budget: { usd: 1, per: 'day' } },
      ],
    },
    { clock },
  )
})

afterAll(async () => {
  await tutti.close()
  await upstream.close()
})

async function ask(model: string, { key = 'free', more = {} }: { key?: string; more?: object } = {}) {
  const { length } = tutti.decisions
  const response = await fetch(`${tutti.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }], ...more }),
  })
  const text = await response.text()
  const { attempts } = await tutti.decision(length)
  return { status: response.status, text, attempt: attempts[0], id: response.headers.get('x-request-id') }
}

describe('the log says of an attempt', () => {
  test('what it cost by which row, at the time at which it began', async () => {
    const { attempt } = await ask('p/timed')
    expect(attempt).toMatchObject({
      cost_usd: 0.0012,
      cost_from: 'usage',
      price: { source: expect.stringContaining(':') },
    })
    expect(attempt).not.toHaveProperty('cost_usd_by_price')
    clock.advance(3_600_000)
    expect((await ask('p/timed')).attempt?.cost_usd).toBe(0.0006)
  })

  test('the tier that answered, and a currency', async () => {
    expect((await ask('p/tiered', { more: { service_tier: 'priority' } })).attempt?.cost_usd).toBe(0.0006)
    expect((await ask('p/korean')).attempt?.cost_usd).toBe(0.0012)
  })

  test('that it is an estimate', async () => {
    expect((await ask('p/mute')).attempt).toMatchObject({ cost_from: 'estimate' })
  })

  test("the upstream's own cost, and where the row is far off it, that it is", async () => {
    const { attempt, id } = await ask('reseller/dear')
    expect(attempt).toMatchObject({ cost_usd: 0.01, cost_from: 'upstream', cost_usd_by_price: 0.0012 })
    const fair = await ask('reseller/fair')
    expect(fair.attempt).toMatchObject({ cost_usd: 0.00125, cost_from: 'upstream' })
    expect(fair.attempt).not.toHaveProperty('cost_usd_by_price')
    const deviations = tutti.events.filter(({ event }) => event === 'price_deviates')
    expect(deviations).toEqual([
      {
        event: 'price_deviates',
        time: expect.any(String),
        request_id: id,
        target: 'reseller/dear',
        cost_usd: 0.01,
        cost_usd_by_price: 0.0012,
        price: attempt?.price,
      },
    ])
    const metrics = await (await fetch(`${tutti.url}/-/metrics`)).text()
    expect(metrics).toContain('tutti_price_deviations_total{target="reseller/dear"} 1\n')
    expect(metrics).not.toContain('tutti_price_deviations_total{target="reseller/fair"}')
  })
})

describe('under a budget', () => {
  test('a bill over what was held for it is told, one up to that is not', async () => {
    const told = () => tutti.events.filter(({ event }) => event === 'bill_over_hold')
    const worst = 66
    const covered = await ask('p/verbose', { key: 'kept', more: { user: String(worst) } })
    expect([covered.status, covered.attempt?.cost_usd, told()]).toEqual([200, (worst + 200) / 1_000_000, []])
    const over = await ask('p/verbose', { key: 'kept', more: { user: String(worst + 1) } })
    await ask('p/verbose', { more: { user: String(worst + 1) } })
    const amounts = { held_usd: 0.000266, cost_usd: 0.000267 }
    expect(told()).toEqual([
      { event: 'bill_over_hold', time: expect.any(String), request_id: over.id, target: 'p/verbose', ...amounts },
    ])
  })

  const search = { web_search_options: {} }

  test('searches that nothing limits are refused with the mend, where they cost', async () => {
    const refused = await ask('p/searching', { key: 'kept', more: search })
    expect(refused.text).toContain('declare `maxSearches` at tutti.yaml')
    expect((await ask('p/searching', { key: 'kept' })).status).toBe(200)
    expect((await ask('p/bounded', { key: 'kept', more: search })).status).toBe(200)
    expect((await ask('p/searching', { more: search })).status).toBe(200)
  })

  test('what a search puts into the prompt is held as all that the model reads, and refused with the mend where nobody knows that', async () => {
    const holds: unknown[] = []
    const { store } = tutti.gateway.ports
    const { hold } = store
    store.hold = (request) => {
      holds.push(request.amount)
      return hold(request)
    }
    try {
      expect((await ask('p/mute', { key: 'kept', more: search })).status).toBe(200)
      // 10,000 tokens that the model reads and 100 that it writes.
      expect(holds).toEqual([10_200_000n])
    } finally {
      store.hold = hold
    }
    const refused = await ask('p/endless', { key: 'kept', more: search })
    expect([refused.status, refused.text]).toEqual([429, expect.stringContaining('declare `context` at tutti.yaml')])
    expect((await ask('p/endless', { key: 'kept' })).status).toBe(200)
    expect((await ask('p/endless', { more: search })).status).toBe(200)
  })
})
