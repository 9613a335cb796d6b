import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Exchange, ExchangeHandler, TransportFailure } from '#src/core/transport.ts'
import { createDecoder, parseEncodings } from './node-decode.ts'
import type { Decoder } from './node-decode.ts'
import { failureOf } from './node-failure.ts'

const ABORTED = new Error('aborted')

/** One exchange as its caller sees it, and as undici does. */
export interface Bridge {
  readonly exchange: Exchange
  readonly dispatch: Dispatcher.DispatchHandler
  /** Ends the exchange before anything was sent. */
  fail(failure: TransportFailure): void
}

/** `isReset` says whether undici is at this moment treating a reset connection as the end of a body. */
export function createBridge(handler: ExchangeHandler, isReset: () => boolean): Bridge {
  let controller: Dispatcher.DispatchController | undefined
  let decoder: Decoder | undefined
  let started = false
  let over = false
  let paused = false
  let full = false

  function fail(failure: TransportFailure): void {
    if (over) return
    over = true
    decoder?.destroy()
    controller?.abort(ABORTED)
    handler.fail(failure)
  }

  function end(): void {
    if (over) return
    over = true
    handler.end()
  }

  function badEncoding(message: string, cause?: unknown): void {
    fail({ code: 'bad_encoding', message, sentNothing: false, cause })
  }

  function decoding(encodings: readonly string[]): Decoder {
    return createDecoder(encodings, {
      data: (chunk) => {
        if (!over) handler.data(chunk)
      },
      end,
      error: (error) => badEncoding(`the body is not what \`content-encoding\` says (${error.message})`, error),
      drain: () => {
        full = false
        flow()
      },
    })
  }

  /** In a microtask, because undici must not be resumed from inside a callback of its parser, whichever connection's. */
  function flow(): void {
    queueMicrotask(() => {
      if (!over && !paused && !full) controller?.resume()
    })
  }

  const exchange: Exchange = {
    abort() {
      if (over) return
      over = true
      decoder?.destroy()
      controller?.abort(ABORTED)
    },
    pause() {
      paused = true
      decoder?.pause()
      controller?.pause()
    },
    resume() {
      paused = false
      decoder?.resume()
      flow()
    },
  }

  const dispatch: Dispatcher.DispatchHandler = {
    onRequestStart(current) {
      started = true
      controller = current
      if (over) current.abort(ABORTED)
    },
    onResponseStart(current, status, headers) {
      if (over || status < 200) return
      const written = headers['content-encoding']
      const encodings = parseEncodings(written?.toString())
      if (encodings === undefined) return badEncoding(`unknown \`content-encoding\` \`${String(written)}\``)
      if (encodings.length > 0) decoder = decoding(encodings)
      handler.head({ status, headers: plainHeaders(headers, encodings.length > 0) })
      if (paused) current.pause()
      if (paused) decoder?.pause()
    },
    onResponseData(current, chunk) {
      if (over) return
      if (decoder === undefined) return handler.data(chunk)
      full = !decoder.write(chunk)
      if (full) current.pause()
    },
    onResponseEnd() {
      if (isReset()) return fail({ code: 'closed', message: 'the upstream reset the connection', sentNothing: false })
      // The connection may carry another exchange from here on.
      controller = undefined
      if (decoder === undefined) end()
      else decoder.end()
    },
    onResponseError(_current, error) {
      if (started) fail(failureOf(error, true))
      // undici refuses a bad request while it is being handed over: its caller has no exchange yet.
      else queueMicrotask(() => fail(failureOf(error, false)))
    },
  }

  return { exchange, dispatch, fail }
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
