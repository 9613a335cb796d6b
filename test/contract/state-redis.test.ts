// The Redis store behind the suite of what all stores promise, against one server and against a cluster of three.
import { afterAll, beforeAll, describe } from 'vitest'
import type { StateStore } from '#src/core/state-store.ts'
import { createRedisStore } from '#src/state/redis.ts'
import { systemClock } from '#src/system-clock.ts'
import { redisAbsent, startRedis, startRedisCluster } from '../support/redis.ts'
import { contractOf } from '../support/state-suite.ts'

const opened: StateStore[] = []
let prefixes = 0

function open(urls: readonly [string, ...string[]], cluster: boolean): StateStore {
  const store = createRedisStore({ urls, cluster, prefix: `t${prefixes++}`, clock: systemClock, time: 'given' })
  opened.push(store)
  return store
}

describe.skipIf(redisAbsent()).each([false, true])('redis (a cluster: %s)', (cluster) => {
  let urls: readonly [string, ...string[]] = ['']
  let end: () => Promise<void> = () => Promise.resolve()
  beforeAll(async () => {
    const started = cluster ? await startRedisCluster() : await startRedis()
    urls = 'urls' in started ? started.urls : [started.url]
    end = () => started.end()
  }, 60_000)
  afterAll(async () => {
    for (const store of opened.splice(0)) await store.close()
    await end()
  })

  contractOf(() => open(urls, cluster))
})
