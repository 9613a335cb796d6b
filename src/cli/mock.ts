import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { respondInAll } from '#providers/demo/all-surfaces.ts'
import { parseScript } from '#providers/demo/parse-script.ts'
import { createPlayer } from '#providers/demo/player.ts'
import type { RecordedRequest } from '#providers/demo/recorder.ts'
import { createRecorder } from '#providers/demo/recorder.ts'
import { recordRequest } from '#providers/demo/request-record.ts'
import type { Script, Step } from '#providers/demo/script.ts'
import { DEFAULT_SCRIPT } from '#providers/demo/script.ts'
import { systemClock } from '#src/system-clock.ts'

export interface MockServerOptions {
  /** 0, the default: any free port. */
  readonly port?: number
  /** Default 127.0.0.1. */
  readonly host?: string
  readonly script?: Script
  readonly seed?: string
}

export interface MockServer {
  readonly port: number
  /** The base URL for OpenAI's clients: `http://127.0.0.1:4010/v1`. Anthropic's and Google's write the version themselves: without `/v1`. */
  readonly url: string
  readonly requests: readonly RecordedRequest[]
  /** Ends all connections at once. */
  close(): Promise<void>
}

/**
 * The scripted provider on real sockets. `GET /__requests` shows what arrived, `DELETE /__requests` forgets it.
 * Throws ScriptError when the script is wrong; rejects when the port is taken.
 */
export async function startMock(options: MockServerOptions = {}): Promise<MockServer> {
  const { port = 0, host = '127.0.0.1', seed } = options
  const script = parseScript(options.script ?? DEFAULT_SCRIPT)
  const player = createPlayer(script, {
    clock: systemClock,
    respond: respondInAll,
    ...(seed === undefined ? {} : { seed }),
  })
  const recorder = createRecorder()
  const server = createServer((incoming, response) => {
    if (incoming.url === '/__requests') return showRequests(incoming, response, recorder)
    handle(incoming, response).catch(() => response.destroy())
  })
  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await readBytes(incoming)
    const url = `http://${incoming.headers.host ?? host}${incoming.url ?? '/'}`
    const record = recordRequest({ method: incoming.method ?? 'GET', url, headers: headersOf(incoming), bytes })
    await perform(player.answer(record).steps, response, recorder.add(record))
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const bound = portOf(server.address())
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return {
    port: bound,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/v1`,
    requests: recorder.requests,
    close,
  }
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

function showRequests(
  incoming: IncomingMessage,
  response: ServerResponse,
  recorder: ReturnType<typeof createRecorder>,
): void {
  if (incoming.method === 'DELETE') recorder.clear()
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(recorder.requests))
}

async function readBytes(incoming: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming) if (chunk instanceof Uint8Array) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function headersOf(incoming: IncomingMessage): [string, string][] {
  return Object.entries(incoming.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ])
}

/** Does what the script says on one connection; `onAbort` is called when the caller hangs up before the script is through. */
async function perform(steps: readonly Step[], response: ServerResponse, onAbort: () => void): Promise<void> {
  const { socket } = response
  if (socket === null) return onAbort()
  const gone = new AbortController()
  let over = false
  response.once('close', () => {
    if (!over) onAbort()
    gone.abort()
  })
  if (response.destroyed) return onAbort()
  for (const step of steps) {
    if (step.kind === 'cut' || step.kind === 'end') over = true
    await take(step, { response, socket, gone: gone.signal })
    if (gone.signal.aborted) return
  }
}

interface Line {
  readonly response: ServerResponse
  readonly socket: Socket
  readonly gone: AbortSignal
}

async function take(step: Step, line: Line): Promise<void> {
  const { response, socket, gone } = line
  switch (step.kind) {
    case 'wait':
      return sleep(step.ms, undefined, { signal: gone }).catch(() => undefined)
    case 'head':
      response.writeHead(step.status, step.headers)
      return response.flushHeaders()
    case 'bytes':
      return response.write(step.bytes) ? undefined : drained(response)
    case 'stall':
      return closed(gone)
    case 'cut':
      await flushed(socket)
      return step.how === 'reset' ? void socket.resetAndDestroy() : socket.destroySoon()
    case 'end':
      response.end()
      if (step.behind !== undefined) socket.write(step.behind)
  }
}

/** The caller reads on, or has gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.once('drain', done)
    response.once('close', done)
  })
}

function closed(gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (gone.aborted) resolve()
    gone.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** What was written has left the process: a reset would throw it away otherwise. */
function flushed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.write('', () => resolve())
  })
}
