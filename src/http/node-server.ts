import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Bindings } from './app.ts'
import { createNodeChannel } from './node-channel.ts'

export interface Listening {
  /** `http://127.0.0.1:8787`. */
  readonly url: string
  readonly port: number
  /** Takes no new connection and cuts what is left after `graceMs`; resolves when all that ran is settled. */
  drain(graceMs: number): Promise<void>
}

/** Total time that a request's head may take, in ms: slow heads are the oldest attack. */
const HEADERS_TIMEOUT = 30_000
/** Total time that a request with its body may take to arrive, in ms. */
const REQUEST_TIMEOUT = 300_000
const MAX_HEADER_BYTES = 64 * 1024

/** Serves an app on Node's own HTTP server; answers are written by the channel's sink. Rejects where the port is taken. */
export async function listen(
  app: { readonly fetch: (request: Request, bindings: Bindings) => Response | Promise<Response> },
  at: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const running = new Set<Promise<unknown>>()
  const waitUntil = (work: Promise<unknown>): void => {
    const done = (): unknown => running.delete(work)
    running.add(work)
    work.then(done, done)
  }
  const listener = getRequestListener(
    (request, env) => {
      const { incoming, outgoing } = nodePair(env)
      return app.fetch(request, { channel: createNodeChannel(incoming, outgoing), waitUntil })
    },
    { overrideGlobalObjects: false },
  )
  const options = { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: HEADERS_TIMEOUT, requestTimeout: REQUEST_TIMEOUT }
  const server = createServer(options, (incoming, outgoing) => void listener(incoming, outgoing))
  await started(server, at)
  const { port } = addressOf(server)
  const host = at.host.includes(':') ? `[${at.host}]` : at.host
  return {
    url: `http://${host}:${port}`,
    port,
    async drain(graceMs) {
      await drain(server, graceMs)
      // An answer ends before its bill is settled and logged.
      await Promise.allSettled(running)
    },
  }
}

/** node-server's types allow HTTP/2 too; this server is HTTP/1.1. */
function nodePair(env: { incoming: unknown; outgoing: unknown }): {
  incoming: IncomingMessage
  outgoing: ServerResponse
} {
  const { incoming, outgoing } = env
  if (!isIncoming(incoming) || !isOutgoing(outgoing)) throw new TypeError('not a request of an HTTP/1.1 server')
  return { incoming, outgoing }
}

function isIncoming(value: unknown): value is IncomingMessage {
  return typeof value === 'object' && value !== null && 'headers' in value && 'socket' in value
}

function isOutgoing(value: unknown): value is ServerResponse {
  return typeof value === 'object' && value !== null && 'writeHead' in value
}

function started(server: Server, at: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function addressOf(server: Server): AddressInfo {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the server has no port')
  return address
}

function drain(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })
}
