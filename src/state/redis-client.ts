import type { Clock } from '#src/core/clock.ts'
import type { Argument, Connection } from './redis-connection.ts'
import { messageOf } from './redis-errors.ts'
import { createGuard } from './redis-guard.ts'
import { perNode } from './redis-nodes.ts'
import { listOf, toReply, type Reply } from './redis-reply.ts'
import { script, type Script } from './redis-script.ts'
import { createServerTime, type ServerTime } from './redis-time.ts'

/** Times of one's own, in ms since 1970, as the server takes them. */
export interface Times {
  /** By which a step goes; empty: the server's own. */
  now(own: number): string
  at(own: number): string
}

export interface Step {
  readonly script: Script
  /** All steps of one shard are done by the same node of a cluster. */
  readonly shard: string
  readonly keys: readonly string[]
  args(times: Times): readonly Argument[]
  /** Carried out before it, as often as it is. */
  readonly before?: () => Promise<void>
  /** Strings of the reply are bytes. */
  readonly raw?: boolean
}

export interface Done {
  readonly reply: readonly Reply[]
  /** ms since 1970 at which it was done, by the server's clock. */
  readonly server: number
  /** A time of the server as one of one's own. */
  own(server: number): number
}

export interface RedisClient {
  /** A step that is idempotent by its id. */
  step(step: Step): Promise<Done>
  /** `repeat`: false where a command that is repeated says something else. Its first argument is a key. */
  command(name: string, args: readonly Argument[], repeat?: boolean): Promise<Reply>
  close(): Promise<void>
}

export interface ClientOptions {
  readonly connection: Connection
  readonly clock: Clock
  /** `given`: times are those of the steps; `server`: the server's own count. */
  readonly time: 'given' | 'server'
  readonly cluster: boolean
}

const ASK_TIME: Pick<Step, 'script' | 'args'> = { script: script(1, 'return { clock }'), args: () => [''] }

/** Carries steps out, each as one script; every one of its answers is within a second (redis-guard.ts). */
export function createRedisClient(options: ClientOptions): RedisClient {
  const { connection, clock, time, cluster } = options
  const guard = createGuard(options)
  const timeOf = perNode(cluster, createServerTime)

  async function once(step: Step, known: ServerTime): Promise<Done> {
    const sent = clock.now()
    const [server, ...reply] = listOf(toReply(await evaluate(connection, step, step.args(timesOf(time, known)))))
    if (typeof server !== 'number') throw new TypeError('a script replied without the time')
    known.observe({ sent, received: clock.now(), server })
    const ahead = time === 'given' ? 0 : (known.offset() ?? 0)
    return { reply, server, own: (at) => at - ahead }
  }

  return {
    step: (step) =>
      guard(step.shard, async () => {
        const { shard, keys, before } = step
        const known = timeOf(shard)
        // Before the first step it has to be known what time it is there.
        if (time === 'server' && known.offset() === undefined) await once({ shard, keys, ...ASK_TIME }, known)
        await before?.()
        return once(step, known)
      }),
    command: (name, args, repeat) =>
      guard(String(args[0]), async () => toReply(await connection.call(name, args)), repeat),
    close: () => connection.close(),
  }
}

function timesOf(time: ClientOptions['time'], known: ServerTime): Times {
  if (time === 'given') return { now: whole, at: whole }
  const offset = known.offset() ?? 0
  return { now: () => '', at: (own) => whole(own + offset) }
}

/** Times of steps are whole ms; what never ends does so in 285,000 years. */
function whole(ms: number): string {
  return String(Math.min(Math.round(ms), Number.MAX_SAFE_INTEGER))
}

/** By the script's name; where the server does not know it, by its text. */
async function evaluate(connection: Connection, step: Step, args: readonly Argument[]): Promise<unknown> {
  const { text, sha, keys } = step.script
  const touched = step.keys.slice(0, keys)
  const rest = [touched.length, ...touched, ...args]
  try {
    return await connection.call('evalsha', [sha, ...rest], step.raw)
  } catch (error) {
    if (!messageOf(error).startsWith('NOSCRIPT')) throw error
    return connection.call('eval', [text, ...rest], step.raw)
  }
}
