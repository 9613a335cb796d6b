import type {
  ExchangeHandler,
  Transport,
  TransportFailure,
  UpstreamHead,
  UpstreamRequest,
} from '#src/core/transport.ts'
import { createTargets, noBinding, withoutEncoding } from './request.ts'

/** As much of `fetch` as is used here: the global one, a binding's, a mock's. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** A worker's binding as a fetch, by its name. */
export type Bindings = (name: string) => Fetch | undefined

/** A connection was never made when one of these is said, by Node or by Bun. Other runtimes say nothing, and then nothing is claimed. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'ConnectionRefused',
  'FailedToOpenSocket',
])

/** What every fetch decodes by itself. */
const DECODED: ReadonlySet<string> = new Set(['', 'identity', 'gzip', 'x-gzip', 'deflate', 'br'])

/** One exchange under way: what its loop and its caller share. */
interface Run {
  readonly handler: ExchangeHandler
  readonly controller: AbortController
  over: boolean
  /** Settles at `resume`; undefined: not paused. */
  pause: Gate | undefined
}

interface Gate {
  readonly opened: Promise<void>
  readonly open: () => void
}

/**
 * The transport of every runtime with `fetch`. It sees no connections: `connectTimeoutMs`, `proxy`, `noProxy` and `ca` have no effect,
 * the time to the answer's head is the caller's to bound, and a host is judged by what the URL says alone.
 * A redirect is a failure with code `redirected`. Handlers must not throw: what `head` and `data` throw ends as `fail`, what `end` throws is lost.
 * On Node it takes a body for whole that is cut inside its content encoding, and, on Node and Bun, one that only the connection's end delimits
 * and a reset cuts; neither happens with `identity` and a chunked or measured body.
 */
export function createFetchTransport(fetch: Fetch, bindings: Bindings = () => undefined): Transport {
  const targets = createTargets()
  return {
    send(request, egress, handler) {
      const controller = new AbortController()
      const run: Run = { handler, controller, over: false, pause: undefined }
      const { binding } = request
      const asked = binding === undefined ? fetch : bindings(binding)
      const refused = asked ? targets.of(request.url, egress).refused : noBinding(binding)
      // Not at once: the caller has no exchange yet.
      if (refused !== undefined) queueMicrotask(() => fail(run, refused))
      else if (asked) void perform(asked, request, run)
      return {
        abort() {
          run.over = true
          controller.abort()
          run.pause?.open()
        },
        pause() {
          run.pause ??= createGate()
        },
        resume() {
          const gate = run.pause
          run.pause = undefined
          gate?.open()
        },
      }
    },
    close: () => Promise.resolve(),
  }
}

async function perform(fetch: Fetch, request: UpstreamRequest, run: Run): Promise<void> {
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: withoutEncoding(request.headers),
      redirect: 'manual',
      signal: run.controller.signal,
      ...(request.body !== undefined && { body: request.body }),
      ...(request.bytes && { body: request.bytes }),
    })
    const refused = refuseResponse(response)
    if (run.over || refused !== undefined) {
      await drop(response)
      if (refused !== undefined) fail(run, refused)
      return
    }
    run.handler.head(headOf(response))
    if (response.body !== null) await pull(response.body, run)
    finish(run)
  } catch (cause) {
    fail(run, failureOf(cause))
    run.controller.abort()
  }
}

async function pull(body: ReadableStream<Uint8Array>, run: Run): Promise<void> {
  const reader = body.getReader()
  try {
    for (;;) {
      await resumed(run)
      if (run.over) return
      const { done, value } = await reader.read()
      await resumed(run)
      if (done || run.over) return
      run.handler.data(value)
    }
  } finally {
    // Workers let go of the connection by this; after the end it does nothing.
    if (run.over) await reader.cancel().catch(() => undefined)
  }
}

async function resumed(run: Run): Promise<void> {
  while (run.pause !== undefined && !run.over) await run.pause.opened
}

function finish(run: Run): void {
  if (run.over) return
  run.over = true
  run.handler.end()
}

function fail(run: Run, failure: TransportFailure): void {
  if (run.over) return
  run.over = true
  run.handler.fail(failure)
}

function refuseResponse(response: Response): TransportFailure | undefined {
  const { status, type, headers } = response
  if (type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    return { code: 'redirected', message: `the upstream answered with a redirect (${status})`, sentNothing: false }
  }
  const encoding = headers.get('content-encoding') ?? ''
  const unknown = encoding.split(',').find((name) => !DECODED.has(name.trim().toLowerCase()))
  if (unknown === undefined) return undefined
  return { code: 'bad_encoding', message: `unknown \`content-encoding\` \`${encoding}\``, sentNothing: false }
}

async function drop(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined)
}

/** A copy: the headers of a fetched response are never written to. The body comes decoded, so nothing says that it is encoded. */
function headOf(response: Response): UpstreamHead {
  const headers: Record<string, string> = {}
  const decoded = response.headers.has('content-encoding')
  response.headers.forEach((value, name) => {
    const key = name.toLowerCase()
    if (!decoded || (key !== 'content-encoding' && key !== 'content-length')) headers[key] = value
  })
  return { status: response.status, headers }
}

function failureOf(cause: unknown): TransportFailure {
  const code = codeOf(cause)
  const sentNothing = NEVER_CONNECTED.has(code)
  const message = cause instanceof Error ? cause.message : String(cause)
  const detail = code === '' ? message : `${message}, ${code}`
  return sentNothing
    ? { code: 'connect_failed', message: `no connection (${detail})`, sentNothing, cause }
    : { code: 'closed', message: `the connection broke (${detail})`, sentNothing, cause }
}

/** Node says it in the cause, Bun in the error. */
function codeOf(error: unknown): string {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && typeof current.code === 'string') return current.code
  }
  return ''
}

function createGate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}
