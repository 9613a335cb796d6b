import assert from 'node:assert/strict'
import { afterAll } from 'vitest'
import type { StateStore } from '#src/core/state-store.ts'
import type { Connection } from '#src/state/redis-connection.ts'
import { connectRedis, redisStoreOver } from '#src/state/redis.ts'
import { systemClock } from '#src/system-clock.ts'
import { startRedis, startRedisCluster } from './redis.ts'
import type { Driven } from './state-driver.ts'

interface Servers {
  readonly urls: readonly [string, ...string[]]
  end(): Promise<void>
}

let prefixes = 0

/**
 * Instances over one server, or over a cluster of three masters, that the file which asks first starts. Each has a connection of its own, which serves
 * again in the next run: a crash goes on with another one, and leaves the dead instance as it is.
 */
function driveRedis(start: () => Promise<Servers>, cluster: boolean): () => Promise<Driven> {
  let started: Promise<Servers> | undefined
  const idle: Connection[] = []
  afterAll(async () => {
    for (const connection of idle) await connection.close()
    await (await started)?.end()
  })
  return async () => {
    started ??= start()
    const { urls } = await started
    const options = { cluster, prefix: `law${prefixes++}`, clock: systemClock, time: 'given' } as const
    const taken: Connection[] = []
    const open = (): StateStore => {
      const connection = idle.pop() ?? connectRedis({ urls, cluster })
      taken.push(connection)
      return redisStoreOver(connection, options)
    }
    const stores = [open(), open()]
    let turn = 0
    return {
      store() {
        turn = (turn + 1) % stores.length
        const store = stores[turn]
        assert(store !== undefined)
        return store
      },
      crash() {
        stores.splice(turn, 1, open())
        return true
      },
      end: () => void idle.push(...taken),
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
