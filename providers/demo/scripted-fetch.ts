import type { Clock } from '#src/core/clock.ts'
import type { Player, PlayerOptions } from './player.ts'
import { createPlayer } from './player.ts'
import { recordRequest } from './request-record.ts'
import type { RequestRecord, Script, Step } from './script.ts'

const LF = 10
const CR = 13

export interface ScriptedFetchOptions extends PlayerOptions {
  readonly clock: Clock
  /** Hears of each request as it arrives; what it returns is called when the caller hangs up before the end. */
  readonly onRequest?: (request: RequestRecord) => (() => void) | undefined
}

/**
 * A fetch that answers by the script, in any runtime. A connection that breaks before the head rejects with TypeError, one that breaks in
 * the body errors the body, and an abort rejects with the signal's reason. Redirects are answers like any other.
 */
export function createScriptedFetch(
  script: Script,
  options: ScriptedFetchOptions,
): (request: Request) => Promise<Response> {
  const player = createPlayer(script, options)
  return (request) => play(player, request, options)
}

async function play(player: Player, request: Request, options: ScriptedFetchOptions): Promise<Response> {
  const { signal } = request
  signal.throwIfAborted()
  const bytes = new Uint8Array(await request.arrayBuffer())
  const record = recordRequest({ method: request.method, url: request.url, headers: request.headers, bytes })
  const onAbort = options.onRequest?.(record)
  const exchange: Exchange = { steps: player.answer(record).steps, at: 0, signal, clock: options.clock, over: false }
  const gone = () => {
    if (!exchange.over) onAbort?.()
    exchange.over = true
  }
  signal.addEventListener('abort', gone, { once: true })
  if (signal.aborted) gone()
  return answer(exchange, gone)
}

interface Exchange {
  readonly steps: readonly Step[]
  at: number
  readonly signal: AbortSignal
  readonly clock: Clock
  /** The answer ended, broke off or was aborted. */
  over: boolean
}

async function answer(exchange: Exchange, gone: () => void): Promise<Response> {
  const step = await nextStep(exchange)
  if (step.kind !== 'head') {
    exchange.over = true
    throw broken()
  }
  const withoutBody = step.status === 204 || step.status === 205 || step.status === 304
  if (withoutBody) exchange.over = true
  return new Response(withoutBody ? null : bodyOf(exchange, gone), { status: step.status, headers: step.headers })
}

function bodyOf(exchange: Exchange, gone: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const step = await nextStep(exchange)
        if (step.kind === 'bytes') controller.enqueue(step.bytes.slice())
        exchange.over = step.kind !== 'bytes' || isOver(exchange)
        if (step.kind === 'end' || exchange.steps[exchange.at]?.kind === 'end') return controller.close()
        if (step.kind !== 'bytes') throw broken()
      },
      cancel: gone,
    },
    { highWaterMark: 0 },
  )
}

/** Nothing but line ends is left: a caller that reads no further has not hung up. */
function isOver({ steps, at }: Exchange): boolean {
  const next = steps
    .slice(at, at + 8)
    .find((step) => step.kind !== 'bytes' || step.bytes.some((byte) => byte !== LF && byte !== CR))
  return next?.kind === 'end'
}

/** The next step that shows outside. Never settles on a stall; an abort rejects with the signal's reason. */
async function nextStep(exchange: Exchange): Promise<Step> {
  for (;;) {
    exchange.signal.throwIfAborted()
    const step = exchange.steps[exchange.at++] ?? { kind: 'end' }
    if (step.kind === 'wait') await pause(exchange, step.ms)
    else if (step.kind === 'stall') await pause(exchange, undefined)
    else return step
  }
}

/** Waits so long, or for ever; an abort ends the wait. */
function pause({ signal, clock }: Exchange, ms: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done)
      cancel?.()
      resolve()
    }
    const cancel = ms === undefined ? undefined : clock.after(ms, done)
    signal.addEventListener('abort', done, { once: true })
  })
}

function broken(): TypeError {
  return new TypeError('fetch failed', { cause: new Error('other side closed') })
}
