// What a request with a budget and limits costs Redis: the figures of docs/scale.md. `npm run bench:redis`
import { linesAt, payerOf } from '#src/accounting/payer.ts'
import type { Key } from '#src/core/key.ts'
import type { Paid } from '#src/core/ledger.ts'
import { newRequestId } from '#src/core/request-id.ts'
import { DEFAULT_ON_FAILURE } from '#src/core/sharing.ts'
import { LAST_MESSAGE_MS, type StateStore } from '#src/core/state-store.ts'
import { createRedisStore } from '#src/state/redis.ts'
import { systemClock } from '#src/system-clock.ts'
import { redisCli, startRedis, type TestRedis } from '../test/support/redis.ts'

const WARMUP = 5000
const REQUESTS = 30_000
const AT_ONCE = 32

const KEY: Key = {
  id: 'search-kim',
  tenant: 'search',
  team: 'ranking',
  tags: [],
  budget: { limit: 10n ** 15n, per: 'month' },
  limits: { rpm: 10_000_000, tpm: 10_000_000_000, concurrency: 10_000 },
}
const { shard, budgets, gates } = payerOf({ budgets: [], limits: [], onFailure: DEFAULT_ON_FAILURE }, KEY)

const PAID: Omit<Paid, 'request'> = {
  endpoint: '/v1/chat/completions',
  key: 'search-kim',
  tenant: 'search',
  team: 'ranking',
  model: 'chat',
  target: 'openai/gpt-6-luna',
  outcome: 'answered',
  input: 812,
  cachedInput: 512,
  output: 243,
}

/** As the pipeline does it: who comes in is counted and held for on one way; then the bill is booked and the slot given back. */
async function request(store: StateStore): Promise<void> {
  const now = Date.now()
  const id = newRequestId(now)
  const attempt = `${id}-1`
  const expiresAt = now + 60_000
  const lines = linesAt(budgets, now)
  const hold = { id: attempt, lines, amount: 10_000_000n, expiresAt }
  const admitted = await store.admit({ id, shard, gates, tokens: 2000, now, expiresAt, hold })
  if (!admitted.ok || !admitted.held?.ok) throw new Error('it was to be admitted')
  await store.settle({
    id: attempt,
    shard,
    lines,
    bill: 3_456_789n,
    now,
    notAfter: now + LAST_MESSAGE_MS,
    paid: { ...PAID, request: id },
  })
  await store.leave({ id, shard }, 1055, now)
}

async function requests(store: StateStore, count: number): Promise<void> {
  let left = count
  const worker = async (): Promise<void> => {
    while (left-- > 0) await request(store)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** A figure of `INFO`. */
function figure(redis: TestRedis, section: string, name: string): number {
  const line = redisCli(redis, ['info', section])
    .split('\r\n')
    .find((one) => one.startsWith(`${name}:`))
  return Number(line?.slice(name.length + 1))
}

/** Bytes of a key with all that it holds. */
function bytesOf(redis: TestRedis, name: string): number {
  return Number(redisCli(redis, ['memory', 'usage', `{tutti:${shard}}${name}`, 'samples', '0']))
}

const redis = await startRedis()
const store = createRedisStore({ urls: [redis.url], clock: systemClock })
const cpu = (): number => figure(redis, 'cpu', 'used_cpu_user') + figure(redis, 'cpu', 'used_cpu_sys')
const total = (name: string): number => figure(redis, 'stats', `total_net_${name}_bytes`)
try {
  await requests(store, WARMUP)
  const before = { cpu: cpu(), in: total('input'), out: total('output'), rows: bytesOf(redis, 'ledger') }
  await requests(store, REQUESTS)
  const each = (amount: number): number => amount / REQUESTS
  const over = bytesOf(redis, 'over') + bytesOf(redis, 'left')
  console.log(
    `Redis ${redisCli(redis, ['info', 'server']).match(/redis_version:(\S+)/u)?.[1]}, ${REQUESTS} requests, ${AT_ONCE} at a time`,
  )
  console.log(`CPU a request: ${(each(cpu() - before.cpu) * 1e6).toFixed(0)} µs`)
  console.log(
    `to it: ${each(total('input') - before.in).toFixed(0)} bytes, back: ${each(total('output') - before.out).toFixed(0)}`,
  )
  console.log(`ids that are over: ${(over / (WARMUP + REQUESTS)).toFixed(0)} bytes`)
  console.log(`the ledger: ${each(bytesOf(redis, 'ledger') - before.rows).toFixed(0)} bytes`)
} finally {
  await store.close()
  await redis.end()
}
