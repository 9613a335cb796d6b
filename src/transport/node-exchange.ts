import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Exchange, ExchangeHandler, TransportFailure } from '#src/core/transport.ts'
import { createDecoder, parseEncodings } from './node-decode.ts'
import type { Decoder } from './node-decode.ts'
import { failureOf } from './node-failure.ts'

const ABORTED = new Error('aborted')
const RESET: TransportFailure = { code: 'closed', message: 'the upstream reset the connection', sentNothing: false }

/** One exchange as its caller sees it, and as undici does. */
export interface Bridge {
  readonly exchange: Exchange
  readonly dispatch: Dispatcher.DispatchHandler
  /** Ends the exchange before anything was sent. */
  fail(failure: TransportFailure): void
}

/** What the two faces of one exchange share. */
interface Run {
  readonly handler: ExchangeHandler
  readonly isReset: () => boolean
  /** undici's, while a connection carries this exchange. */
  controller: Dispatcher.DispatchController | undefined
  decoder: Decoder | undefined
  /** The request was handed to a connection. */
  started: boolean
  over: boolean
  paused: boolean
  /** The decoder asked for a pause. */
  full: boolean
}

/** `isReset` says whether undici is at this moment treating a reset connection as the end of a body. */
export function createBridge(handler: ExchangeHandler, isReset: () => boolean): Bridge {
  const run: Run = {
    handler,
    isReset,
    controller: undefined,
    decoder: undefined,
    started: false,
    over: false,
    paused: false,
    full: false,
  }
  return { exchange: exchangeOf(run), dispatch: dispatchOf(run), fail: (failure) => fail(run, failure) }
}

function exchangeOf(run: Run): Exchange {
  return {
    abort() {
      if (!run.over) stop(run)
    },
    pause() {
      run.paused = true
      run.decoder?.pause()
      run.controller?.pause()
    },
    resume() {
      run.paused = false
      run.decoder?.resume()
      flow(run)
    },
  }
}

function dispatchOf(run: Run): Dispatcher.DispatchHandler {
  const { handler } = run
  return {
    onRequestStart(controller) {
      run.started = true
      run.controller = controller
      if (run.over) controller.abort(ABORTED)
    },
    onResponseStart(controller, status, headers) {
      if (run.over || status < 200) return
      const written = headers['content-encoding']
      const encodings = parseEncodings(written?.toString())
      if (encodings === undefined) return badEncoding(run, `unknown \`content-encoding\` \`${String(written)}\``)
      if (encodings.length > 0) run.decoder = decoderFor(run, encodings)
      handler.head({ status, headers: plainHeaders(headers, encodings.length > 0) })
      if (!run.paused) return
      controller.pause()
      run.decoder?.pause()
    },
    onResponseData(controller, chunk) {
      if (run.over) return
      if (run.decoder === undefined) return handler.data(chunk)
      run.full = !run.decoder.write(chunk)
      if (run.full) controller.pause()
    },
    onResponseEnd() {
      if (run.isReset()) return fail(run, RESET)
      // The connection may carry another exchange from here on.
      run.controller = undefined
      if (run.decoder === undefined) end(run)
      else run.decoder.end()
    },
    onResponseError(_controller, error) {
      if (run.started) fail(run, failureOf(error, true))
      // undici refuses a bad request while it is being handed over: its caller has no exchange yet.
      else queueMicrotask(() => fail(run, failureOf(error, false)))
    },
  }
}

function decoderFor(run: Run, encodings: readonly string[]): Decoder {
  return createDecoder(encodings, {
    data(chunk) {
      if (run.over) return
      try {
        run.handler.data(chunk)
      } catch (cause) {
        // As undici does for a body that is not encoded; from a stream's event it would end the process.
        fail(run, { code: 'closed', message: 'the answer could not be handled', sentNothing: false, cause })
      }
    },
    end: () => end(run),
    error: (error) => badEncoding(run, `the body is not what \`content-encoding\` says (${error.message})`, error),
    drain() {
      run.full = false
      flow(run)
    },
  })
}

/** In a microtask, because undici must not be resumed from inside a callback of its parser, whichever connection's. */
function flow(run: Run): void {
  queueMicrotask(() => {
    if (!run.over && !run.paused && !run.full) run.controller?.resume()
  })
}

function stop(run: Run): void {
  run.over = true
  run.decoder?.destroy()
  run.controller?.abort(ABORTED)
}

function end(run: Run): void {
  if (run.over) return
  run.over = true
  run.handler.end()
}

function fail(run: Run, failure: TransportFailure): void {
  if (run.over) return
  stop(run)
  run.handler.fail(failure)
}

function badEncoding(run: Run, message: string, cause?: unknown): void {
  fail(run, { code: 'bad_encoding', message, sentNothing: false, cause })
}

/** `decoded`: the body is given without its encoding, and so are the headers that describe it. */
function plainHeaders(headers: IncomingHttpHeaders, decoded: boolean): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined) continue
    if (decoded && (name === 'content-encoding' || name === 'content-length')) continue
    plain[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return plain
}
