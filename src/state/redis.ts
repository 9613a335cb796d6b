import type { Clock } from '#src/core/clock.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { mayHaveHappened } from '#src/core/state-unavailable.ts'
import { readRedisUrl, type RedisAddress } from '#src/core/redis-address.ts'
import { HELD } from './budget.ts'
import { createRedisBudgets, type Register } from './redis-budgets.ts'
import { createRedisClient } from './redis-client.ts'
import { connect, type Connection } from './redis-connection.ts'
import { createRedisKeepsakes } from './redis-keepsakes.ts'
import { keysUnder, type Keys } from './redis-keys.ts'
import { createRedisLedger } from './redis-ledger.ts'
import { createRedisLimits } from './redis-limits.ts'

export interface RedisStoreOptions extends Servers, Manner {}

interface Servers {
  /** `redis://user:password@host:6379/0`, `rediss://` for TLS; of a cluster one or several of its nodes. */
  readonly urls: readonly [string, ...string[]]
  readonly cluster?: boolean
}

interface Manner {
  /** What all keys begin with: gateways that share it share their state. */
  readonly prefix?: string
  readonly clock: Clock
  /** `server` unless given: holds and slots die by the server's clock. `given`: by the times of the steps, for tests whose clock is their own. */
  readonly time?: 'given' | 'server'
}

/** ms after which a shard is written down once more. */
const ENTERED_MS = 600_000

/**
 * State in Redis 7 or Valkey, one or a cluster, shared by all gateways of one prefix (docs/state.md). It connects by itself, and again; a step that
 * cannot be carried out within a second rejects with StateUnavailable. Throws for a wrong url.
 */
export function createRedisStore(options: RedisStoreOptions): StateStore {
  return redisStoreOver(connectRedis(options), options)
}

/** A connection for a store. Throws for a wrong url. */
export function connectRedis({ urls, cluster = false }: Servers): Connection {
  const [first, ...others] = urls
  return connect({ addresses: [addressOf(first), ...others.map(addressOf)], cluster })
}

/** The same over a connection that is there, which its `close` closes. */
export function redisStoreOver(
  connection: Connection,
  { cluster = false, prefix = 'tutti', clock, time = 'server' }: Manner & Pick<Servers, 'cluster'>,
): StateStore {
  const client = createRedisClient({ connection, clock, time, cluster })
  const keys = keysUnder(prefix)
  const limits = createRedisLimits(client, keys, time)
  const { hold, ...budgets } = createRedisBudgets(client, keys, createRegister(connection, keys, clock))
  return {
    ...limits,
    ...budgets,
    hold: async (request) => (await hold(request, request)) ?? HELD,
    async admit(admission) {
      if (!admission.hold) return limits.admit(admission)
      // Both go on their way together. Where the hold arrives first, or is kept from going beside the one that sees whether Redis is back, it goes once more.
      const [admitted, first] = await Promise.all([
        limits.admit(admission),
        hold(admission.hold, admission, admission.id).catch(unlessSent),
      ])
      if (!admitted.ok) return admitted
      return { ...admitted, held: first ?? (await hold(admission.hold, admission)) ?? HELD }
    },
    ...createRedisLedger(client, keys),
    ...createRedisKeepsakes(client, keys),
    durable: true,
    close: () => client.close(),
  }
}

function addressOf(url: string): RedisAddress {
  const read = readRedisUrl(url)
  if ('wrong' in read) throw new Error(`the url of the state: ${read.wrong}; ${read.mend}`)
  return read
}

/** undefined, as where nobody was found. */
function unlessSent(error: unknown): undefined {
  if (mayHaveHappened(error)) throw error
}

function createRegister(connection: Connection, keys: Keys, clock: Clock): Register {
  const entered = new Set<string>()
  let since = clock.now()
  connection.onReady(() => entered.clear())
  async function enter(key: string, shard: string): Promise<void> {
    const name = `${key} ${shard}`
    if (entered.has(name)) return
    await connection.call('zadd', [key, 0, shard])
    entered.add(name)
  }
  return {
    async enter(shard, crossing) {
      const now = clock.now()
      if (now - since > ENTERED_MS || now < since) {
        entered.clear()
        since = now
      }
      await enter(keys.shards, shard)
      if (crossing) await enter(keys.crossing, shard)
    },
  }
}
