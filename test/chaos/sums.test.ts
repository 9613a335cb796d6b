// Law 4 in chaos: whatever becomes of answers and callers, what callers are billed for is what the upstream itself counts, to the nano-USD.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { request, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringAt } from '#src/core/json.ts'
import type { LedgerRow } from '#src/core/ledger.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createRedisStore } from '#src/state/redis.ts'
import { createSqliteStore } from '#src/state/sqlite.ts'
import { systemClock } from '#src/system-clock.ts'
import { reached } from '../support/law.ts'
import { sha256, startGateway } from '../support/gateway.ts'
import { redisAbsent, startRedis, type TestRedis } from '../support/redis.ts'
import { startUpstream } from '../support/upstream.ts'

/** USD for a million tokens, which is thousandths of a nano-USD for one. */
const PRICE = { input: 3, cachedInput: 1, output: 7 }
const KEYS = ['a', 'b', 'c'] as const

/** More is written in no answer than the least of these. */
const usage = fc.record({ input: fc.nat(5000), cached: fc.nat(5000), output: fc.integer({ min: 40, max: 900 }) })
type Usage = typeof usage extends fc.Arbitrary<infer One> ? One : never

/** What becomes of one try: said and whole; whole, and nothing is said; refused; broken off before anything, before and after it is said. */
const fate = fc.record({
  end: fc.constantFrom('whole', 'whole', 'whole', 'silent', 'refused', 'reset', 'cut before', 'cut after'),
  usage,
})
type Fate = typeof fate extends fc.Arbitrary<infer One> ? One : never

const asking = fc.record({
  key: fc.constantFrom(...KEYS),
  stream: fc.boolean(),
  /** Hangs up at the first bytes of the answer. */
  leaves: fc.boolean(),
  fates: fc.array(fate, { minLength: 1, maxLength: 3 }),
})
type Asking = typeof asking extends fc.Arbitrary<infer One> ? One : never

const folder = mkdtempSync(join(tmpdir(), 'tutti-chaos-'))
let redis: TestRedis
beforeAll(async () => {
  if (!redisAbsent()) redis = await startRedis()
})
afterAll(async () => {
  if (!redisAbsent()) await redis.end()
  rmSync(folder, { recursive: true })
})
let opened = 0
const STORES: readonly (readonly [string, boolean, () => StateStore])[] = [
  ['memory', false, createMemoryStore],
  ['sqlite', false, () => createSqliteStore(join(folder, `${opened++}.db`))],
  ['redis', redisAbsent(), () => createRedisStore({ urls: [redis.url], prefix: `s${opened++}`, clock: systemClock })],
]

describe.each(STORES)('%s', (_, absent, create) => {
  test.skipIf(absent)(
    'sums over callers are the sums of the upstream',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(asking, { minLength: 1, maxLength: 24 }), async (askings) => {
          const store = create()
          const { rows, said } = await run(store, askings)
          // One row for each try that arrived, and no other.
          const tries = askings.flatMap((_asking, index) =>
            (said[index] ?? []).map((cost, at) => ({ index, at, cost })),
          )
          expect(rows.map(({ paid, id }) => `${paid?.tags?.[0]} ${id.split('-').at(-1)}`).toSorted()).toEqual(
            tries.map(({ index, at }) => `q${index} ${at + 1}`).toSorted(),
          )
          const reported = new Set(rows.filter(({ paid }) => paid?.estimated !== true).map(nameOf))
          for (const { index, at, cost } of tries) {
            const asked = askings[index]
            // Who hangs up may do so before it is read.
            if (asked?.leaves === false) expect(reported.has(`q${index} ${at + 1}`)).toBe(cost !== undefined)
          }
          for (const key of KEYS) {
            const own = rows.filter(({ paid }) => paid?.key === key)
            const counted = tries.filter(
              ({ index, at }) => askings[index]?.key === key && reported.has(`q${index} ${at + 1}`),
            )
            expect(sum(own.filter((row) => reported.has(nameOf(row))).map(({ bill }) => bill))).toBe(
              sum(counted.map(({ cost }) => cost ?? -1n)),
            )
            const line = { account: `key/${key}`, per: 'total', ends: Infinity } as const
            expect(await store.spend({ shard: line.account, lines: [line] }, Date.now())).toEqual([
              { spent: sum(own.map(({ bill }) => bill)), held: 0n },
            ])
          }
          await store.close()
          reached(askings.length)
        }),
        { numRuns: Math.ceil(Number(process.env['TUTTI_LAW_RUNS'] ?? 2000) / 100) },
      )
    },
    1_800_000,
  )
})

/** Whose try it was, and its number. */
function nameOf({ paid, id }: LedgerRow): string {
  return `${paid?.tags?.[0]} ${id.split('-').at(-1)}`
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n)
}

/** What the upstream says of a try, in nano-USD. */
function costOf({ input, cached, output }: Usage): bigint {
  const read = Math.min(cached, input)
  return BigInt((input - read) * 3 + read + output * 7) * 1000n
}

const CONTENT = 'twenty letters in all'

/** Answers by fate; gives what was said of it, undefined: nothing. */
function answer({ end, usage: used }: Fate, { stream, leaves }: Asking, response: ServerResponse): bigint | undefined {
  const { input, cached, output } = used
  const counted = {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: Math.min(cached, input) },
  }
  if (end === 'reset') return void response.socket?.resetAndDestroy()
  if (end === 'refused') {
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"busy"}}')
    return 0n
  }
  const says = end === 'whole' || end === 'cut after'
  if (!stream) {
    const choices = [{ index: 0, message: { role: 'assistant', content: CONTENT }, finish_reason: 'stop' }]
    const body = JSON.stringify({ id: 'c', model: 'm', choices, ...(says && { usage: counted }) })
    const cut = end.startsWith('cut')
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length + (cut ? 1 : 0) })
    if (cut) return void response.write(body, () => response.socket?.resetAndDestroy())
    response.end(body)
    return says ? costOf(used) : undefined
  }
  const event = (data: object) => `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [], ...data })}\n\n`
  const delta = event({ choices: [{ index: 0, delta: { role: 'assistant', content: CONTENT } }] })
  const stop = event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(delta)
  // It is held until the caller has left.
  if (leaves) return undefined
  const told = says ? event({ usage: counted }) : ''
  // Without a reason to stop it has not ended.
  response.end(end.startsWith('cut') ? told : `${stop}${told}data: [DONE]\n\n`)
  return says ? costOf(used) : undefined
}

/** All askings at once: the ledger, and of each asking what the upstream has said of its tries. */
async function run(
  store: StateStore,
  askings: readonly Asking[],
): Promise<{ readonly rows: readonly LedgerRow[]; readonly said: readonly (readonly (bigint | undefined)[])[] }> {
  const said = askings.map((): (bigint | undefined)[] => [])
  const upstream = await startUpstream(({ body }, response) => {
    const index = Number(stringAt(body, 'user'))
    const [asked, own] = [askings[index], said[index]]
    assert(asked && own)
    const next = asked.fates[own.length] ?? { end: 'whole', usage: { input: 1, cached: 0, output: 40 } }
    own.push(answer(next, asked, response))
  })
  const facts = { developer: 'x', lineage: [], price: PRICE, maxOutput: 1000 }
  const tutti = await startGateway(
    {
      version: 1,
      providers: {
        up: { type: 'openai-compatible', baseUrl: upstream.url, local: true, apiKey: 'k', models: { m: facts } },
      },
      models: { chat: { targets: ['up/m'], retry: { attempts: 3 } } },
      keys: KEYS.map((id) => ({
        id,
        sha256: sha256(id),
        budget: { usd: 1000, per: 'total' },
        limits: { concurrency: 50 },
      })),
    },
    { store },
  )
  await Promise.all(askings.map((one, index) => ask(tutti.url, one, index)))
  for (let index = 0; index < askings.length; index++) await tutti.decision(index)
  await tutti.close()
  const { rows } = await store.ledger({ most: 1000 })
  await upstream.close()
  return { rows, said }
}

/** Resolves when the answer is over for its caller, however. */
function ask(url: string, { key, stream, leaves }: Asking, index: number): Promise<void> {
  return new Promise((resolve) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'x-tutti-tags': `q${index}`,
    }
    const asked = request(`${url}/v1/chat/completions`, { method: 'POST', headers }, (response) => {
      response.on('error', () => {}).on('close', resolve)
      response.on('data', () => {
        if (leaves) response.destroy()
      })
    })
    asked.on('error', () => resolve())
    const messages = [{ role: 'user', content: 'hi' }]
    asked.end(
      JSON.stringify({
        model: 'chat',
        user: String(index),
        stream,
        messages,
        stream_options: stream ? { include_usage: true } : undefined,
      }),
    )
  })
}
