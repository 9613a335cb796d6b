import { Cluster, Redis } from 'ioredis'
import { messageOf } from './redis-errors.ts'
import type { RedisAddress } from '#src/core/redis-address.ts'

/** ms that a command may take, and that connecting may. */
export const COMMAND_MS = 1000

/** ms without an answer after which a connection is dead: none can come of use any more. */
const SILENT_MS = 1500

/** ms that closing may take. */
const QUIT_MS = 500

export type Argument = string | number | Buffer

/** A Redis, or the nodes of a cluster, which is connected again by itself. */
export interface Connection {
  /** Where to, without credentials. */
  readonly where: string
  /** Fails at once where there is no connection. `raw`: strings of the reply are bytes. */
  call(command: string, args: readonly Argument[], raw?: boolean): Promise<unknown>
  /** Called once there is a connection, at once where there is one; the answer cancels it. */
  whenReady(run: () => void): () => void
  /** Called at each new connection. */
  onReady(run: () => void): void
  /** Why there is none, as far as is known. */
  trouble(): string | undefined
  close(): Promise<void>
}

export interface ConnectionOptions {
  readonly addresses: readonly [RedisAddress, ...RedisAddress[]]
  readonly cluster: boolean
}

/** Nothing is queued or sent again here: whoever asks has a second in all, and says what may be repeated. */
export function connect({ addresses, cluster }: ConnectionOptions): Connection {
  const client = cluster ? openCluster(addresses) : openOne(addresses[0])
  let problem: string | undefined
  const waiting = new Set<() => void>()
  const listeners: (() => void)[] = []
  client.on('error', (error: Error) => {
    // Of a cluster none of whose nodes will do: what one of them said.
    const cause = 'lastNodeError' in error ? (error.lastNodeError ?? error) : error
    // The message of a failed call has the address in it.
    problem = cause instanceof Error && 'code' in cause ? String(cause.code) : messageOf(cause)
  })
  client.on('ready', () => {
    problem = undefined
    const awake = [...listeners, ...waiting]
    waiting.clear()
    for (const run of awake) run()
  })
  return {
    where: addresses.map(showAddress).join(', '),
    call: (command, args, raw = false) =>
      raw ? client.callBuffer(command, [...args]) : client.call(command, [...args]),
    whenReady(run) {
      if (client.status === 'ready') run()
      else waiting.add(run)
      return () => waiting.delete(run)
    },
    onReady: (run) => void listeners.push(run),
    trouble: () => (client.status === 'ready' ? undefined : (problem ?? 'there is no connection yet')),
    async close() {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, QUIT_MS)
      })
      await Promise.race([client.status === 'ready' ? client.quit().catch(() => {}) : undefined, late])
      clearTimeout(timer)
      client.disconnect()
    },
  }
}

/** As it may be printed: without credentials. */
function showAddress({ host, port, tls }: RedisAddress): string {
  return `${tls ? 'rediss' : 'redis'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function optionsOf({ username, password, tls }: RedisAddress) {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
    protocol: 2 as const,
    commandTimeout: COMMAND_MS,
    connectTimeout: COMMAND_MS,
    // A connection on which nothing is answered is given up for another one.
    socketTimeout: SILENT_MS,
    // What is on the way when a connection breaks fails at once.
    maxRetriesPerRequest: 0,
    // A master that became a replica: the name may lead to the new one.
    reconnectOnError: ({ message }: Error) => message.startsWith('READONLY'),
  }
}

function openOne(address: RedisAddress): Redis {
  const { host, port, db } = address
  return new Redis({
    ...optionsOf(address),
    host,
    port,
    db,
    enableOfflineQueue: false,
    retryStrategy: backoff,
    // What does not answer does not say goodbye either.
    disconnectTimeout: QUIT_MS,
  })
}

type DNSLookup = (error: null, address: string) => void

function openCluster(addresses: ConnectionOptions['addresses']): Cluster {
  return new Cluster(
    addresses.map(({ host, port }) => ({ host, port })),
    {
      redisOptions: optionsOf(addresses[0]),
      enableOfflineQueue: false,
      clusterRetryStrategy: backoff,
      clusterNodeRetryStrategy: backoff,
      slotsRefreshTimeout: COMMAND_MS,
      maxRedirections: 8,
      // A certificate is of a name, not of an address.
      ...(addresses[0].tls && { dnsLookup: (name: string, found: DNSLookup) => found(null, name) }),
    },
  )
}

/** ms before the next try to connect: twice as many each time, to two seconds, and not the same for all who lost it together. */
function backoff(times: number): number {
  return Math.min(2000, 25 * 2 ** Math.min(times, 7)) * (0.5 + Math.random() / 2)
}
