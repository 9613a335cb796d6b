// Conversations that stay where a provider's cache is warm, as long as that is worth it: over a running gateway, by its answers and its log.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isObject, type Json, type JsonObject } from '#src/core/json.ts'
import { startCachingUpstream, type CachingUpstream } from '../support/caching-upstream.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { sha256, startGateway, type TestGateway } from '../support/gateway.ts'

const MINUTE = 60_000
const clock = createFakeClock(Date.parse('2026-11-26T12:00:00Z'))
/** About 2,500 tokens. */
const LONG = 'a word and another '.repeat(530)

let upstream: CachingUpstream
let tutti: TestGateway

beforeAll(async () => {
  upstream = await startCachingUpstream(clock)
  const facts = { developer: 'x', lineage: [] }
  const own = { type: 'openai-compatible', baseUrl: upstream.url, local: true }
  const both = ['p/dear', 'p/plain']
  tutti = await startGateway(
    {
      providers: {
        p: {
          ...own,
          apiKey: 'k',
          models: {
            dear: { ...facts, price: { input: 2, cachedInput: 0.2, output: 0 } },
            plain: { ...facts, price: { input: 1, output: 0 } },
            writes: { ...facts, price: { input: 2, cachedInput: 0.2, cacheWrite: 2.5, output: 0 } },
          },
        },
        c: {
          ...own,
          type: 'anthropic',
          apiKey: 'k',
          models: { claude: { ...facts, price: { input: 2, cachedInput: 0.2, cacheWrite: 2.5, output: 0 } } },
        },
        many: {
          ...own,
          accounts: [1, 2, 3].map((id) => ({ id: `a${id}`, apiKey: `k${id}` })),
          models: { m: { ...facts, price: { input: 2, cachedInput: 0.2, output: 0 } } },
        },
      },
      models: {
        cheapest: { targets: both, strategy: 'cheapest' },
        loose: { targets: both, strategy: 'cheapest', promptCache: { sticky: false } },
        priority: { targets: ['p/plain', 'p/dear'] },
        weighted: {
          targets: [
            { target: 'p/dear', weight: 1 },
            { target: 'p/writes', weight: 1 },
            { target: 'p/plain', weight: 1 },
          ],
          strategy: 'weighted',
        },
        pair: { targets: ['p/dear', 'p/writes'] },
        hourly: { targets: ['c/claude', 'p/plain'], strategy: 'cheapest' },
        written: { targets: ['p/writes', 'p/plain'], strategy: 'cheapest' },
        accounts: { targets: ['many/m'] },
        scattered: { targets: ['many/m'], promptCache: { sticky: false, mark: true } },
      },
      policies: [{ name: 'not-dear', deny: { model: 'dear' }, when: '"careful" in request.tags' }],
      keys: ['a', 'b'].map((id) => ({ id, sha256: sha256(id) })),
    },
    { clock },
  )
})

afterAll(async () => {
  await tutti.close()
  await upstream.close()
})

let count = 0
beforeEach(() => {
  clock.advance(120 * MINUTE)
  upstream.reset()
  count++
})

/** One caller's conversation: each turn says all that was said before. */
function conversation(model: string, { key = 'a', begin = `${count} ${LONG}` } = {}) {
  const messages: Json[] = []
  return {
    messages,
    async turn(text = begin, tags = ''): Promise<JsonObject & { target: string }> {
      messages.push({ role: 'user', content: messages.length === 0 ? begin : text })
      const at = tutti.decisions.length
      const answer = await fetch(`${tutti.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'x-tutti-tags': tags },
        body: JSON.stringify({ model, messages }),
      })
      const body: unknown = await answer.json()
      if (!isObject(body)) throw new Error('no answer')
      messages.push({ role: 'assistant', content: 'an answer' })
      const decision: JsonObject = JSON.parse(JSON.stringify(await tutti.decision(at)))
      return { ...decision, target: answer.headers.get('x-tutti-target') ?? '' }
    },
  }
}

/** The first turn goes to the dear target, since the other one is out of order for as long as that takes. */
async function begunAtDear(model: string, more: { key?: string; begin?: string } = {}) {
  const made = conversation(model, more)
  upstream.ways.down.set('plain', 1)
  expect((await made.turn()).target).toBe('p/dear')
  upstream.ways.down.clear()
  return made
}

describe('cheapest', () => {
  test('five turns stay where the cache makes it cheaper, and the decision says what that saves', async () => {
    const { turn } = await begunAtDear('cheapest')
    for (const text of ['two', 'three', 'four', 'five']) {
      const decision = await turn(text)
      expect(decision.target).toBe('p/dear')
      expect(decision['inputs']).toMatchObject({ warm: { target: 'p/dear', tokens: expect.any(Number) } })
      expect(Object.keys(isObject(decision['inputs']) ? (decision['inputs']['warm'] ?? {}) : {})).toHaveLength(2)
      expect(decision['candidates']).toMatchObject([{ rank: 1 }, { rank: 2 }])
      clock.advance(4 * MINUTE)
    }
    const { candidates, inputs, cache_savings_usd: saved } = await turn('six')
    const warm = isObject(inputs) && isObject(inputs['warm']) ? Number(inputs['warm']['tokens']) : 0
    const [dear, plain] = Array.isArray(candidates) ? candidates.filter(isObject) : []
    // 1.8 dollars per 1M tokens less than uncached.
    expect(dear?.['cache_savings_usd_estimate']).toBeCloseTo((warm * 1.8) / 1e6, 9)
    expect(plain).not.toHaveProperty('cache_savings_usd_estimate')
    expect(Number(saved)).toBeGreaterThan(0.003)
  })

  test('once the cache is cold it goes where it is cheaper', async () => {
    const { turn } = await begunAtDear('cheapest')
    clock.advance(5 * MINUTE - 1)
    expect((await turn('two')).target).toBe('p/dear')
    clock.advance(5 * MINUTE)
    const decision = await turn('three')
    expect(decision.target).toBe('p/plain')
    expect(decision['inputs']).not.toHaveProperty('warm')
  })

  test('it cools from when it was asked, not from when it answered', async () => {
    upstream.ways.slowBy = 4 * MINUTE
    const { turn } = await begunAtDear('cheapest')
    upstream.ways.slowBy = 0
    clock.advance(MINUTE)
    expect((await turn('two')).target).toBe('p/plain')
  })

  test('a cache that is not worth it holds nobody', async () => {
    const { turn } = await begunAtDear('cheapest')
    // Nine times as much again is said now, and read uncached.
    expect((await turn(LONG.repeat(9))).target).toBe('p/plain')
  })

  test('a conversation that moved is warm where it went', async () => {
    const { turn } = await begunAtDear('cheapest')
    upstream.ways.down.set('dear', 30)
    expect((await turn('two')).target).toBe('p/plain')
    upstream.ways.down.clear()
    expect((await turn('three'))['candidates']).toMatchObject([{ target: 'p/dear', verdict: 'unhealthy' }, { rank: 1 }])
    clock.advance(31_000)
    expect((await turn('four')).target).toBe('p/plain')
  })

  test('a rule sends it on', async () => {
    const { turn } = await begunAtDear('cheapest')
    expect((await turn('two', 'careful')).target).toBe('p/plain')
  })

  test('another conversation, the same one of another caller, and one that only begins alike are not held', async () => {
    const begin = `${count} shared ${LONG}`
    const { messages, turn } = await begunAtDear('cheapest', { begin })
    expect((await conversation('cheapest', { begin: `other ${LONG}` }).turn()).target).toBe('p/plain')
    const other = conversation('cheapest', { key: 'b', begin })
    other.messages.push(...messages)
    const decision = await other.turn('two')
    expect(decision.target).toBe('p/plain')
    expect(decision['inputs']).not.toHaveProperty('warm')
    const elsewhere = conversation('cheapest', { begin })
    elsewhere.messages.push({ role: 'user', content: `${begin} `.slice(1) }, { role: 'assistant', content: 'x' })
    expect((await elsewhere.turn('two')).target).toBe('p/plain')
    expect((await turn('two')).target).toBe('p/dear')
  })

  test('a name is not another one', async () => {
    const { messages } = await begunAtDear('cheapest')
    const loose = conversation('written')
    loose.messages.push(...messages)
    expect((await loose.turn('two'))['inputs']).not.toHaveProperty('warm')
  })

  test('`sticky: false` asks for no cache', async () => {
    const { turn } = await begunAtDear('loose')
    expect((await turn('two')).target).toBe('p/plain')
  })

  test('short prompts are in no cache', async () => {
    const { turn } = await begunAtDear('cheapest', { begin: `${count} ${LONG}`.slice(0, 3000) })
    expect((await turn('two')).target).toBe('p/plain')
  })

  test('where nothing is read although it should be, the conversation is let go', async () => {
    upstream.ways.kind = 'never'
    const { turn } = await begunAtDear('cheapest')
    expect((await turn('two')).target).toBe('p/dear')
    expect((await turn('three')).target).toBe('p/plain')
    upstream.ways.down.set('plain', 1)
    expect((await turn('four')).target).toBe('p/dear')
    upstream.ways.down.clear()
    expect((await turn('five')).target).toBe('p/dear')
    expect((await turn('six')).target).toBe('p/plain')
  })
})

describe('caches that are paid for', () => {
  async function begunAtWrites() {
    const made = conversation('written')
    upstream.ways.down.set('plain', 1)
    expect((await made.turn()).target).toBe('p/writes')
    upstream.ways.down.clear()
    return made
  }

  test('hold a conversation once something was written', async () => {
    upstream.ways.kind = 'told'
    const { turn } = await begunAtWrites()
    expect((await turn('two')).target).toBe('p/writes')
    expect((await turn('three')).target).toBe('p/writes')
  })

  test('and not before: writing nothing is reported too', async () => {
    upstream.ways.kind = 'never'
    const { turn } = await begunAtWrites()
    expect((await turn('two')).target).toBe('p/plain')
  })

  test('writing without reading costs: the saving is below nothing', async () => {
    upstream.ways.kind = 'told'
    const made = conversation('written')
    upstream.ways.down.set('plain', 1)
    const { cache_savings_usd: saved, attempts, usage } = await made.turn()
    expect(saved).toBeCloseTo((-0.5 * Number(isObject(usage) && usage['input_tokens'])) / 1e6, 9)
    expect(attempts).toMatchObject([{}, { cache_savings_usd: saved }])
  })

  test('a decision adds up what its attempts saved', async () => {
    upstream.ways.kind = 'told'
    const { turn } = conversation('pair')
    expect((await turn()).target).toBe('p/dear')
    upstream.ways.silent.add('dear')
    const { target, cache_savings_usd: saved, attempts } = await turn('two')
    expect(target).toBe('p/writes')
    const each = (Array.isArray(attempts) ? attempts : []).map(
      (one) => isObject(one) && Number(one['cache_savings_usd']),
    )
    expect(each).toEqual([expect.any(Number), expect.any(Number)])
    expect([Number(each[0]) > 0, Number(each[1]) < 0]).toEqual([true, true])
    expect(saved).toBeCloseTo(Number(each[0]) + Number(each[1]), 9)
  })

  test('what is written for an hour stays warm for one, also where it is only read after that', async () => {
    upstream.ways.hours = true
    const { turn } = conversation('hourly')
    upstream.ways.down.set('plain', 1)
    expect((await turn()).target).toBe('c/claude')
    upstream.ways.down.clear()
    for (const minutes of [59, 59, 59]) {
      clock.advance(minutes * MINUTE)
      expect((await turn('more')).target).toBe('c/claude')
      // From now on little more is written.
      upstream.ways.hours = false
    }
    clock.advance(61 * MINUTE)
    expect((await turn('more')).target).toBe('p/plain')
  })

  test('also where that was lost and written again for less', async () => {
    upstream.ways.hours = true
    const { turn } = conversation('hourly')
    upstream.ways.down.set('plain', 1)
    await turn()
    upstream.ways.down.clear()
    upstream.ways.hours = false
    upstream.ways.kept = []
    expect((await turn('more')).target).toBe('c/claude')
    clock.advance(6 * MINUTE)
    expect((await turn('more')).target).toBe('p/plain')
  })

  test('and what is not, five minutes', async () => {
    const { turn } = conversation('hourly')
    upstream.ways.down.set('plain', 1)
    expect((await turn()).target).toBe('c/claude')
    upstream.ways.down.clear()
    clock.advance(6 * MINUTE)
    expect((await turn('more')).target).toBe('p/plain')
  })
})

describe('other strategies', () => {
  test('priority stays as written', async () => {
    const { turn } = await begunAtDear('priority')
    expect((await turn('two')).target).toBe('p/plain')
  })

  test('weighted draws once for a conversation', async () => {
    const firsts = new Set<string>()
    for (let index = 0; index < 12; index++) {
      const { turn } = conversation('weighted', { begin: `${count} ${index} ${LONG}` })
      const { target } = await turn()
      firsts.add(target)
      // What is worth nothing there is drawn for again.
      if (target !== 'p/dear') continue
      for (let more = 0; more < 4; more++) {
        const decision = await turn('more')
        expect(decision.target).toBe('p/dear')
        expect(decision['candidates']).toMatchObject([{ reasons: ['its prompt cache is warm'] }, {}, {}])
      }
    }
    expect(firsts.size).toBe(3)
  })
})

/** Lets the clock run on until something is settled, by little enough for every cache. */
async function inSteps<T>(settled: Promise<T>): Promise<T> {
  const state = { over: false }
  void settled.finally(() => (state.over = true))
  while (!state.over) {
    await new Promise(setImmediate)
    clock.advance(1)
  }
  return settled
}

describe('of several accounts', () => {
  /** The account that answered a turn. */
  async function accountOf(turn: Promise<JsonObject>): Promise<string> {
    clock.advance(1)
    const { attempts } = await turn
    const last = Array.isArray(attempts) ? attempts.at(-1) : undefined
    return isObject(last) ? String(last['account']) : ''
  }

  test('the one goes on that has it in its cache', async () => {
    const all = new Set<string>()
    for (let index = 0; index < 4; index++) {
      const { turn } = conversation('accounts', { begin: `${count} ${index} ${LONG}` })
      const first = await accountOf(turn())
      all.add(first)
      for (let more = 0; more < 3; more++) expect(await accountOf(turn('more'))).toBe(first)
    }
    expect(all.size).toBeGreaterThan(1)
  })

  test('one that fails is left, and the next one has the conversation then', async () => {
    const { turn } = conversation('accounts')
    const first = await accountOf(turn())
    upstream.ways.down.set(`Bearer k${first.slice(1)}`, 1)
    const second = await inSteps(accountOf(turn('two')))
    expect(second).not.toBe(first)
    upstream.ways.down.clear()
    expect((await turn('three'))['inputs']).toMatchObject({ warm: { target: 'many/m' } })
    for (let more = 0; more < 3; more++) expect(await accountOf(turn('more'))).toBe(second)
  })

  test('with short prompts, which no cache has, and where it is not wanted, they share the work', async () => {
    for (const { turn } of [conversation('accounts', { begin: 'hi' }), conversation('scattered')]) {
      const all = new Set([await accountOf(turn())])
      for (let more = 0; more < 3; more++) all.add(await accountOf(turn('more')))
      expect(all.size).toBeGreaterThan(1)
    }
  })
})
