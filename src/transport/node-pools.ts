import type { Socket } from 'node:net'
import tls from 'node:tls'
import { Agent, Pool, ProxyAgent, buildConnector } from 'undici'
import type { Dispatcher } from 'undici'
import type { Egress } from '#src/core/transport.ts'
import { guardedLookup } from './node-lookup.ts'
import type { ResolveAll } from './node-lookup.ts'

export interface PoolOptions {
  /** ms that an idle connection is kept where the upstream does not say: under the 5 s after which uvicorn closes it. */
  readonly keepAliveMs?: number
  /** Distinct ways out that are kept; the one that was unused for longest goes first. */
  readonly mostPools?: number
  readonly resolve?: ResolveAll
}

export interface Pools {
  /** The connections for this way out. */
  get(egress: Egress, direct: boolean): Dispatcher
  /** A connection that was reset is being taken for the end of a body right now. */
  isReset(): boolean
  close(): Promise<void>
}

const KEEP_ALIVE_MS = 4000
const MOST_POOLS = 64

/** One pool for each distinct proxy, authority, timeout and right to go to private addresses. */
export function createPools(options: PoolOptions): Pools {
  const pools = new Map<string, Dispatcher>()
  const keys = { direct: new WeakMap<Egress, string>(), proxied: new WeakMap<Egress, string>() }
  const most = options.mostPools ?? MOST_POOLS
  let reset = false

  function watch(socket: Socket, run: () => void): void {
    const begin = (): void => {
      reset = socket.errored !== null
    }
    const finish = (): void => {
      reset = false
    }
    socket.prependListener('error', begin).prependListener('close', begin)
    run()
    socket.on('error', finish).on('close', finish)
  }

  function make(egress: Egress, direct: boolean): Dispatcher {
    if (egress.proxy !== undefined && !direct) return proxyAgent(egress, egress.proxy)
    return directAgent(egress, options, watch)
  }

  function get(egress: Egress, direct: boolean): Dispatcher {
    const key = keyOf(egress, direct)
    const found = pools.get(key)
    const pool = found ?? make(egress, direct)
    pools.delete(key)
    pools.set(key, pool)
    for (const [oldest, unused] of pools) {
      if (pools.size <= most) break
      pools.delete(oldest)
      // What is under way there ends in peace.
      void unused.close()
    }
    return pool
  }

  /** Written once for each egress: it may hold a whole certificate. */
  function keyOf(egress: Egress, direct: boolean): string {
    const cache = keys[direct ? 'direct' : 'proxied']
    const known = cache.get(egress)
    if (known !== undefined) return known
    const key = JSON.stringify([egress.local, direct ? null : egress.proxy, egress.ca, egress.connectTimeoutMs])
    cache.set(egress, key)
    return key
  }

  return {
    get,
    isReset: () => reset,
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()))
      pools.clear()
    },
  }
}

function directAgent(egress: Egress, options: PoolOptions, watch: (socket: Socket, run: () => void) => void): Agent {
  const connect = buildConnector({
    timeout: egress.connectTimeoutMs,
    // One exchange a connection: an abort then ends exactly that one, and nothing of another tenant's is on the socket.
    allowH2: false,
    lookup: guardedLookup(egress.local, options.resolve),
    ...(egress.ca !== undefined && { ca: egress.ca }),
  })
  return new Agent({
    allowH2: false,
    keepAliveTimeout: options.keepAliveMs ?? KEEP_ALIVE_MS,
    // undici takes a reset for the end of a body that only the connection's end delimits; it must not look whole (law 5).
    connect: (target, callback) => {
      connect(target, (...result) => {
        const [error, socket] = result
        if (error !== null) callback(error, null)
        else watch(socket, () => callback(null, socket))
      })
    },
  })
}

function proxyAgent(egress: Egress, proxy: string): ProxyAgent {
  const timeout = egress.connectTimeoutMs
  // A proxy may have a certificate of the public kind while the target has a private one.
  const ca = egress.ca === undefined ? {} : { ca: [...tls.rootCertificates, egress.ca] }
  return new ProxyAgent({
    uri: proxy,
    allowH2: false,
    connectTimeout: timeout,
    requestTls: { allowH2: false, ...(egress.ca !== undefined && { ca: egress.ca }) },
    proxyTls: { allowH2: false, ...ca },
    // The answer to CONNECT is part of making the connection.
    clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: timeout }),
  })
}
