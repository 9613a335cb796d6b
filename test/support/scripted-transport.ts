import type { ExchangeHandler, Transport, UpstreamRequest } from '#src/core/transport.ts'

export const SSE = { 'content-type': 'text/event-stream' }
const JSON_TYPE = { 'content-type': 'application/json' }
export const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`
export const CONTENT = event({ choices: [{ index: 0, delta: { content: '안녕' } }] })
export const EMPTY = event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
export const DONE = 'data: [DONE]\n\n'
export const ERROR = { error: { message: 'the engine is overloaded', type: 'server_error', code: null, param: null } }
const WHOLE = { choices: [{ index: 0, message: { role: 'assistant', content: '안녕' }, finish_reason: 'stop' }] }
const NOTHING = { choices: [{ index: 0, message: { role: 'assistant', content: null }, finish_reason: 'stop' }] }

/** What may happen on one attempt. `again`: the same target may be asked again; `next`: only another one; `no`: nobody; `over`: there is content. */
export const KINDS = {
  refused: 'again',
  reset: 'next',
  'status 500': 'again',
  'status 429, a short wait': 'again',
  'status 429, a long wait': 'next',
  'status 400': 'no',
  'an error in a 200': 'again',
  'an empty answer': 'next',
  silence: 'next',
  'content, then a cut': 'over',
  'an answer': 'over',
} as const
export type Kind = keyof typeof KINDS

/** Does one of these to an exchange of a transport that has no sockets. */
function play(kind: Kind | 'status 404', handler: ExchangeHandler, stream: boolean): void {
  const say = (status: number, body: string, headers: Record<string, string> = JSON_TYPE): void => {
    handler.head({ status, headers })
    handler.data(new TextEncoder().encode(body))
  }
  const whole = (streamed: string, value: object): void =>
    stream ? say(200, streamed, SSE) : say(200, JSON.stringify(value))
  switch (kind) {
    case 'refused':
      return handler.fail({ code: 'connect_failed', message: 'refused', sentNothing: true })
    case 'reset':
      return handler.fail({ code: 'closed', message: 'reset', sentNothing: false })
    case 'silence':
      return handler.head({ status: 200, headers: SSE })
    case 'content, then a cut':
      whole(CONTENT, WHOLE)
      return handler.fail({ code: 'closed', message: 'reset', sentNothing: false })
    case 'status 500':
    case 'status 400':
    case 'status 404':
      say(Number(kind.slice(7)), JSON.stringify(ERROR))
      break
    case 'status 429, a short wait':
      say(429, JSON.stringify(ERROR), { ...JSON_TYPE, 'retry-after': '1' })
      break
    case 'status 429, a long wait':
      say(429, JSON.stringify(ERROR), { ...JSON_TYPE, 'retry-after': '60' })
      break
    case 'an error in a 200':
      whole(event(ERROR), ERROR)
      break
    case 'an empty answer':
      whole(EMPTY + DONE, NOTHING)
      break
    case 'an answer':
      whole(CONTENT + EMPTY + DONE, WHOLE)
  }
  handler.end()
}

/** A transport that has no sockets: does to each request what `next` says, a microtask later; what a host is asked about itself is no attempt. */
export function createScriptedTransport(stream: boolean, next: (request: UpstreamRequest) => Kind): Transport {
  return {
    send(request, _egress, handler) {
      const kind = request.method === 'GET' ? 'status 404' : next(request)
      let aborted = false
      queueMicrotask(() => {
        if (!aborted) play(kind, handler, stream)
      })
      return {
        pause() {},
        resume() {},
        abort: () => {
          aborted = true
        },
      }
    },
    close: () => Promise.resolve(),
  }
}
