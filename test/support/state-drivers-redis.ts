import assert from 'node:assert/strict'
import { afterAll } from 'vitest'
import type { StateStore } from '#src/core/state-store.ts'
import { createRedisStore, type RedisStoreOptions } from '#src/state/redis.ts'
import { systemClock } from '#src/system-clock.ts'
import { startRedis, startRedisCluster } from './redis.ts'
import type { Driven } from './state-driver.ts'

interface Servers {
  readonly urls: RedisStoreOptions['urls']
  end(): Promise<void>
}

let prefixes = 0

/** Instances over one server, or over a cluster of three masters, that the file which asks first starts; a crash leaves one of them as it is. */
function driveRedis(start: () => Promise<Servers>, cluster: boolean): () => Promise<Driven> {
  let started: Promise<Servers> | undefined
  afterAll(async () => (await started)?.end())
  return async () => {
    started ??= start()
    const { urls } = await started
    const options = { urls, cluster, prefix: `law${prefixes++}`, clock: systemClock, time: 'given' } as const
    const stores = [createRedisStore(options), createRedisStore(options)]
    const dead: StateStore[] = []
    let turn = 0
    return {
      store() {
        turn = (turn + 1) % stores.length
        const store = stores[turn]
        assert(store !== undefined)
        return store
      },
      crash() {
        dead.push(...stores.splice(turn, 1, createRedisStore(options)))
        return true
      },
      async end() {
        for (const store of [...stores, ...dead]) await store.close()
      },
    }
  }
}

/** Each with how often a property runs in its short form. */
export function drivenRedis(): readonly [string, () => Promise<Driven>, number][] {
  return [
    ['redis, two instances', driveRedis(async () => withUrls(await startRedis()), false), 200],
    ['a cluster of redis, two instances', driveRedis(startRedisCluster, true), 200],
  ]
}

function withUrls(redis: Awaited<ReturnType<typeof startRedis>>): Servers {
  return { urls: [redis.url], end: () => redis.end() }
}
