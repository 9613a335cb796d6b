import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'

/** A request as it reached an upstream, and when its connection went. */
export interface Arrival {
  readonly body: JsonObject
  readonly bytes: Uint8Array
  readonly headers: IncomingMessage['headers']
  readonly path: string
  /** Resolves when the answer is over: sent whole, or the caller hung up. */
  readonly closed: Promise<'finished' | 'hung up'>
}

export type Answering = (arrival: Arrival, response: ServerResponse) => void | Promise<void>

export interface Upstream {
  /** `http://127.0.0.1:PORT/v1`. */
  readonly url: string
  readonly arrivals: readonly Arrival[]
  /** Resolves with the n-th request, from 0. */
  arrival(index: number): Promise<Arrival>
  close(): Promise<void>
}

/** An upstream on real sockets whose every byte a test decides. */
export async function startUpstream(answer: Answering): Promise<Upstream> {
  const arrivals: Arrival[] = []
  const waiting = new Map<number, (arrival: Arrival) => void>()
  const server = createServer((incoming, response) => {
    // What a host is asked about itself: it is no attempt.
    if (incoming.method === 'GET') return void response.writeHead(404).end()
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const bytes = Buffer.concat(chunks)
      const value = parseJson(bytes.toString())
      const arrival: Arrival = {
        body: isObject(value) ? value : {},
        bytes,
        headers: incoming.headers,
        path: incoming.url ?? '',
        closed: new Promise((resolve) => {
          response.once('close', () => resolve(response.writableFinished ? 'finished' : 'hung up'))
        }),
      }
      response.on('error', () => {})
      arrivals.push(arrival)
      waiting.get(arrivals.length - 1)?.(arrival)
      void answer(arrival, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${portOf(server.address())}/v1`,
    arrivals,
    arrival(index) {
      const known = arrivals[index]
      return known ? Promise.resolve(known) : new Promise((resolve) => waiting.set(index, resolve))
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** How a connection ends under an answer. */
export type Break = 'fin' | 'reset' | 'stall'

/** Sends so much of a body in chunks, then breaks off. */
export function sendBroken(response: ServerResponse, body: Uint8Array, how: Break): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' })
  const { socket } = response
  response.write(body, () => breakOff(socket, how))
}

function breakOff(socket: Socket | null, how: Break): void {
  if (how === 'fin') socket?.destroySoon()
  if (how === 'reset') socket?.resetAndDestroy()
}

/** Sends content for ever, one event a turn, until the caller hangs up. */
export function sendForever(response: ServerResponse, event: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const next = (): void => {
    if (response.destroyed) return
    if (response.write(event)) setImmediate(next)
    else response.once('drain', next)
  }
  next()
}
