import { once } from 'node:events'
import net from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type {
  Egress,
  Exchange,
  Transport,
  TransportFailure,
  UpstreamHead,
  UpstreamRequest,
} from '#src/core/transport.ts'
import { createFetchTransport } from '#src/transport/fetch.ts'
import { createSigningTransport } from '#src/transport/sign.ts'
import { systemClock } from '#src/system-clock.ts'

export interface Kind {
  readonly name: string
  readonly create: () => Transport
  /** Sees connections: names their failures and dials what it checked. */
  readonly sockets: boolean
}

export const kinds: Kind[] = [{ name: 'fetch', create: () => createFetchTransport(globalThis.fetch), sockets: false }]
// Bun has a module of its own in undici's place.
if (process.versions['bun'] === undefined) {
  const { createUndiciTransport } = await import('#src/transport/undici.ts')
  kinds.push({ name: 'undici', create: () => createUndiciTransport(), sockets: true })
  kinds.push({ name: 'undici, signed', create: () => signed(createUndiciTransport()), sockets: true })
}

/** The same with a signature on every request, which has to be made before it is sent. */
function signed(inner: Transport): Transport {
  const signing = createSigningTransport(inner, { clock: systemClock })
  const auth = { kind: 'aws-sigv4', service: 's', region: 'r', accessKeyId: 'id', secretAccessKey: 'secret' } as const
  return {
    send: (request, egress, handler) => signing.send({ ...request, auth }, egress, handler),
    close: () => signing.close(),
  }
}

export const local: Egress = { local: true, connectTimeoutMs: 5000 }

export type Outcome = { readonly end: true } | { readonly fail: TransportFailure }

/** What one exchange's handler heard. */
export interface Heard {
  readonly exchange: Exchange
  readonly head: Promise<UpstreamHead>
  readonly outcome: Promise<Outcome>
  /** Resolves once this many bytes of the body have come. */
  bytes(count: number): Promise<void>
  readonly log: string[]
  text(): string
  size(): number
}

export function send(
  transport: Transport,
  request: Partial<UpstreamRequest> & { readonly url: string },
  egress: Egress = local,
): Heard {
  const head = Promise.withResolvers<UpstreamHead>()
  const outcome = Promise.withResolvers<Outcome>()
  const log: string[] = []
  const chunks: Uint8Array[] = []
  let size = 0
  const waiting: { readonly count: number; readonly done: () => void }[] = []
  const exchange = transport.send({ method: 'POST', headers: {}, ...request }, egress, {
    head(value) {
      log.push(`head ${value.status}`)
      head.resolve(value)
    },
    data(chunk) {
      if (log.at(-1) !== 'data') log.push('data')
      chunks.push(chunk)
      size += chunk.length
      for (const { count, done } of waiting) if (size >= count) done()
    },
    end() {
      log.push('end')
      outcome.resolve({ end: true })
    },
    fail(failure) {
      log.push(`fail ${failure.code}`)
      outcome.resolve({ fail: failure })
    },
  })
  return {
    exchange,
    head: head.promise,
    outcome: outcome.promise,
    bytes: (count) => new Promise((done) => (size >= count ? done() : waiting.push({ count, done }))),
    log,
    text: () => Buffer.concat(chunks).toString(),
    size: () => size,
  }
}

/** A connection as an upstream has it: no HTTP but what the test writes. */
export interface Wire {
  readonly socket: Socket
  /** The next request, head and body as they came. */
  request(): Promise<string>
  readonly closed: Promise<void>
}

export interface Upstream {
  readonly url: string
  readonly port: number
  /** The next connection. */
  connection(): Promise<Wire>
  /** Connections so far. */
  readonly connections: () => number
  close(): Promise<void>
}

export async function listen(): Promise<Upstream> {
  const sockets = new Set<Socket>()
  const ready: Wire[] = []
  const waiting: ((wire: Wire) => void)[] = []
  let count = 0
  const server = net.createServer((socket) => {
    count += 1
    sockets.add(socket)
    const wire = wireOf(socket)
    const next = waiting.shift()
    if (next === undefined) ready.push(wire)
    else next(wire)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = addressOf(server)
  return {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    port,
    connection: () => {
      const wire = ready.shift()
      return wire === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(wire)
    },
    connections: () => count,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function addressOf(server: net.Server): AddressInfo {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address
}

function wireOf(socket: Socket): Wire {
  let received = ''
  let wake: (() => void) | undefined
  socket.setNoDelay(true)
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1')
    wake?.()
  })
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
    // Half-open: a client's FIN is the end for us too.
    socket.once('end', () => resolve())
  })
  return {
    socket,
    closed,
    async request() {
      for (;;) {
        const length = requestLength(received)
        if (length !== undefined) {
          const request = received.slice(0, length)
          received = received.slice(length)
          return request
        }
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
}

/** Bytes of the first whole request; undefined: there is none yet. */
function requestLength(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const field = text
    .slice(0, head)
    .toLowerCase()
    .split('\r\n')
    .find((line) => line.startsWith('content-length:'))
  const length = head + 4 + Number(field?.slice('content-length:'.length) ?? 0)
  return text.length >= length ? length : undefined
}

/** An answer with a length. */
export function answer(body: string | Buffer, headers = ''): Buffer {
  const bytes = Buffer.from(body)
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${bytes.length}\r\n${headers}\r\n`), bytes])
}

export const CHUNKED = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'

export function chunk(body: string | Buffer): Buffer {
  const bytes = Buffer.from(body)
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}

/** Other exchanges, one after the other: what moves by itself has come to rest behind them. */
export async function roundTrips(through: Transport, count: number): Promise<void> {
  const other = await listen()
  for (let turn = 0; turn < count; turn++) {
    const heard = send(through, { url: other.url, headers: { connection: 'close' }, body: '{}' })
    const wire = await other.connection()
    await wire.request()
    wire.socket.end(answer('ok', 'connection: close\r\n'))
    await heard.outcome
  }
  await other.close()
}
