import type { IncomingMessage, ServerResponse } from 'node:http'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { failure, FailureError } from '#src/core/failure.ts'
import type { Sink } from '#src/core/sink.ts'
import { createBodyCollector, tooLarge, type Channel } from './channel.ts'

/** A caller on a socket of Node's HTTP server: its answer is written straight to the socket (ARCHITECTURE.md, decision 6). */
export function createNodeChannel(incoming: IncomingMessage, outgoing: ServerResponse): Channel {
  return {
    method: incoming.method ?? 'GET',
    origin: isLoopback(incoming.socket.localAddress) ? 'loopback' : 'network',
    ...clientOf(incoming.socket.remoteAddress),
    header: (name) => headerOf(incoming, name),
    bytes: (limit) => readBody(incoming, limit),
    sink: createNodeSink(outgoing),
    response: RESPONSE_ALREADY_SENT,
  }
}

const MAPPED = '::ffff:'

function clientOf(address: string | undefined): Pick<Channel, 'client'> {
  return address === undefined ? {} : { client: { ip: unmapped(address) } }
}

/** A socket that takes both families writes an IPv4 address as an IPv6 one; networks are written as IPv4. */
export function unmapped(address: string): string {
  return address.startsWith(MAPPED) && address.includes('.') ? address.slice(MAPPED.length) : address
}

/** Of these Node keeps the first and drops the others, so that two that disagree would look like one. */
const ONCE: ReadonlySet<string> = new Set(['authorization', 'host'])

function headerOf(incoming: IncomingMessage, name: string): string | undefined {
  if (ONCE.has(name)) return agreed(incoming.rawHeaders, name)
  const value = incoming.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

/** The values of a header as they came, each once, so that two that disagree fit nothing. `raw` holds names and values in turn. */
function agreed(raw: readonly string[], name: string): string | undefined {
  let value: string | undefined
  for (let index = 0; index < raw.length; index += 2) {
    const own = raw[index]
    const next = raw[index + 1]
    if (own?.length !== name.length || own.toLowerCase() !== name || next === value) continue
    value = value === undefined ? next : `${value}, ${next}`
  }
  return value
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && (address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.'))
}

function readBody(incoming: IncomingMessage, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const collector = createBodyCollector(limit)
    const refuse = (error: unknown): void => {
      incoming.off('data', add)
      // What is still on its way is read and dropped, so that the caller sees the answer and not a reset.
      incoming.resume()
      reject(error)
    }
    const add = (chunk: Uint8Array): void => {
      try {
        collector.add(chunk)
      } catch (error) {
        refuse(error)
      }
    }
    if (Number(incoming.headers['content-length'] ?? 0) > limit) return refuse(tooLarge(limit))
    incoming.on('data', add)
    let whole = false
    incoming.on('end', () => {
      whole = true
      resolve(collector.whole())
    })
    // A caller that hung up before or while it was read: there is no end to wait for.
    const closed = (): void => {
      if (!whole) reject(hungUp())
    }
    incoming.on('error', closed)
    incoming.on('close', closed)
    if (incoming.destroyed) closed()
  })
}

/** 499, as the field writes it: nobody reads it but the metrics. */
function hungUp(): FailureError {
  return new FailureError(
    failure('invalid_request_error', 'the caller hung up before its request was whole', { status: 499 }),
  )
}

/** A caller that takes no byte of what waits for it for this long, in ms, has gone: its socket would be kept for ever. */
const STALLED = 60_000

/** A sink over Node's response. Headers go out with the first bytes; a caller that hung up makes every call a no-op. */
export function createNodeSink(outgoing: ServerResponse, stalledAfter = STALLED): Sink {
  const drained: (() => void)[] = []
  const gone: (() => void)[] = []
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) for (const run of gone.splice(0)) run()
  })
  outgoing.on('drain', () => {
    for (const run of drained.splice(0)) run()
  })
  // A write to a socket that has just closed is the caller's hang-up, which `close` reports.
  outgoing.on('error', () => {})
  const begin = (status: number, headers: Readonly<Record<string, string | number>>): void => {
    outgoing.writeHead(status, headers)
    sink.opened = true
    // Node tells of a socket on which nothing moves; a stream that waits for its upstream has nothing to move.
    outgoing.setTimeout(stalledAfter, () => {
      if (outgoing.writableNeedDrain || outgoing.writableEnded) outgoing.destroy()
    })
  }
  const sink: Sink & { opened: boolean } = {
    opened: false,
    send(status, headers, body) {
      if (outgoing.destroyed) return
      const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length
      begin(status, { ...headers, 'content-length': length })
      outgoing.end(body)
    },
    open(status, headers) {
      if (!outgoing.destroyed) begin(status, headers)
    },
    write: (bytes) => outgoing.destroyed || outgoing.write(bytes),
    end() {
      if (!outgoing.destroyed) outgoing.end()
    },
    destroy: () => outgoing.destroy(),
    onDrain: (run) => drained.push(run),
    onGone(run) {
      if (outgoing.closed && !outgoing.writableFinished) run()
      else gone.push(run)
    },
  }
  return sink
}
