import type { Client } from '#src/core/request.ts'
import type { Sink } from '#src/core/sink.ts'
import type { Origin } from '#src/pipeline/authenticate.ts'
import { createBodyCollector, tooLarge, type Channel } from './channel.ts'

/** Bytes that wait for a slow reader before the upstream is asked to pause. */
const HIGH_WATER = 64 * 1024

/** A caller that speaks `Request` and `Response`: Workers, Bun, Deno, and a program that embeds the gateway. */
export function createWebChannel(request: Request, origin: Origin, client?: Client): Channel {
  const { sink, response } = createWebSink(request.signal)
  const { host } = new URL(request.url)
  return {
    method: request.method,
    origin,
    ...(client && { client }),
    header: (name) => request.headers.get(name) ?? (name === 'host' ? host : undefined),
    bytes: (limit) => readBody(request, limit),
    sink,
    response,
  }
}

async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge(limit)
  const collector = createBodyCollector(limit)
  if (request.body) for await (const chunk of request.body) collector.add(chunk)
  return collector.whole()
}

/** A sink whose answer is a `Response`: given when its head is known, errored when it must not look whole. */
export function createWebSink(signal?: AbortSignal): { readonly sink: Sink; readonly response: Promise<Response> } {
  const { promise: response, resolve } = Promise.withResolvers<Response>()
  const encoder = new TextEncoder()
  const drained: (() => void)[] = []
  const gone: (() => void)[] = []
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let over = false

  const hangUp = (): void => {
    if (over) return
    over = true
    for (const run of gone) run()
  }
  if (signal?.aborted) over = true
  signal?.addEventListener('abort', hangUp, { once: true })

  const sink: Sink & { opened: boolean } = {
    opened: false,
    send(status, headers, body) {
      if (sink.opened) return
      sink.opened = true
      over = true
      resolve(new Response(typeof body === 'string' ? body : new Uint8Array(body), { status, headers }))
    },
    open(status, headers) {
      if (sink.opened) return
      sink.opened = true
      const stream = new ReadableStream<Uint8Array>(
        {
          start: (started) => {
            controller = started
          },
          pull: () => {
            for (const run of drained.splice(0)) run()
          },
          cancel: hangUp,
        },
        new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER }),
      )
      resolve(new Response(stream, { status, headers }))
    },
    write(bytes) {
      if (over || !controller) return true
      controller.enqueue(typeof bytes === 'string' ? encoder.encode(bytes) : bytes)
      return (controller.desiredSize ?? 1) > 0
    },
    end() {
      if (over) return
      over = true
      controller?.close()
    },
    destroy() {
      if (over) return
      over = true
      if (controller) controller.error(new Error('the answer broke off'))
      else resolve(Response.error())
    },
    onDrain: (run) => drained.push(run),
    onGone(run) {
      if (signal?.aborted) run()
      else gone.push(run)
    },
  }
  return { sink, response }
}
