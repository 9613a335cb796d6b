import type { Clock } from '#src/core/clock.ts'
import { StateUnavailable } from '#src/core/state-unavailable.ts'
import { createBreaker } from './redis-breaker.ts'
import type { Connection } from './redis-connection.ts'
import { answered, isSilence, meaning, passes, silence, TIMEOUT } from './redis-errors.ts'
import { perNode } from './redis-nodes.ts'

/** ms that a step may take in all. */
export const STEP_MS = 1000

/** ms before a step is repeated: a server that loads or hands over says no at once. */
const PAUSE_MS = 100

interface Options {
  readonly connection: Connection
  readonly clock: Clock
  readonly cluster: boolean
}

/** Carries work out within its second, repeats it once unless `repeat` is false, and rejects with StateUnavailable, at once where nothing answers. */
export type Guard = <Result>(shard: string, work: () => Promise<Result>, repeat?: boolean) => Promise<Result>

/** When a step's second is over. */
interface End {
  over: boolean
  /** Something of it may have been sent. */
  begun: boolean
  /** What it waits for comes too late. */
  cancel: () => void
}

export function createGuard({ connection, clock, cluster }: Options): Guard {
  const breakerOf = perNode(cluster, createBreaker)
  let last = ''

  /** Whoever waits for a connection longer than its second sends nothing any more. */
  async function attempt<Result>(work: () => Promise<Result>, end: End): Promise<Result> {
    await new Promise<void>((resolve) => {
      end.cancel = connection.whenReady(resolve)
    })
    if (end.over) return Promise.reject(TIMEOUT)
    end.begun = true
    return work()
  }

  async function twice<Result>(work: () => Promise<Result>, end: End): Promise<Result> {
    try {
      return await attempt(work, end)
    } catch (error) {
      if (!passes(error)) throw error
      await new Promise<void>((resolve) => void clock.after(PAUSE_MS, resolve))
      return attempt(work, end)
    }
  }

  return async (shard, work, repeat = true) => {
    const breaker = breakerOf(shard)
    if (!breaker.admits(clock.now()))
      throw new StateUnavailable(connection.where, `${last} (not asked again for a moment)`, { unsent: true })
    const end: End = { over: false, begun: false, cancel: () => {} }
    try {
      const result = await inTime(clock, (repeat ? twice : attempt)(work, end))
      breaker.succeeded()
      return result
    } catch (error) {
      if (error instanceof TypeError) throw error
      const silent = isSilence(error)
      last = silent ? silence(connection.trouble()) : meaning(error)
      if (answered(error)) breaker.succeeded()
      else breaker.failed(clock.now(), silent)
      throw new StateUnavailable(connection.where, last, { unsent: !end.begun })
    } finally {
      end.over = true
      end.cancel()
    }
  }
}

/** Rejects with TIMEOUT once a step's time is over. */
function inTime<Result>(clock: Clock, work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(STEP_MS, () => reject(TIMEOUT))
    void work.then(resolve, reject).finally(cancel)
  })
}
