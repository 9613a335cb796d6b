import assert from 'node:assert/strict'
import { afterAll, describe } from 'vitest'
import type { StateStore } from '#src/core/state-store.ts'
import type { Connection } from '#src/state/redis-connection.ts'
import { connectRedis, redisStoreOver } from '#src/state/redis.ts'
import { systemClock } from '#src/system-clock.ts'
import { OTHER, PROGRAM, redisAbsent, startRedis, startRedisCluster } from './redis.ts'
import type { Driven, Runs } from './state-driver.ts'

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

/** A law on a server, on a cluster, and on a server of the other program where there is one. */
export function onEveryRedis(law: (create: () => Promise<Driven>, runs: Runs) => void): void {
  describe.skipIf(redisAbsent())(PROGRAM, () => law(driveServer(PROGRAM), { short: 200, share: 1 }))
  describe.skipIf(redisAbsent())(`a cluster of ${PROGRAM}`, () =>
    law(driveRedis(startRedisCluster, true), { short: 200, share: 1 }),
  )
  const other = OTHER ?? 'valkey-server'
  describe.skipIf(OTHER === undefined)(other, () => law(driveServer(other), { short: 200, share: 0.1 }))
}

function driveServer(program: string): () => Promise<Driven> {
  return driveRedis(async () => {
    const server = await startRedis([], undefined, program)
    return { urls: [server.url], end: () => server.end() }
  }, false)
}
