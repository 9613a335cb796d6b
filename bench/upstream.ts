// The upstream: node:http, answers from memory, told by its parent how. `node bench/upstream.ts PORT`
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { MODEL, type Plan } from './protocol.ts'

const TEXT = 'A gateway is measured by what it adds to an answer, not by the answer itself. '

const common = { id: 'chatcmpl-bench', created: 1_790_000_000, model: MODEL, system_fingerprint: 'fp_bench' }
const usage = { prompt_tokens: 200, completion_tokens: 180, total_tokens: 380 }
const WHOLE = Buffer.from(
  JSON.stringify({
    ...common,
    object: 'chat.completion',
    choices: [
      { index: 0, message: { role: 'assistant', content: TEXT.repeat(10) }, logprobs: null, finish_reason: 'stop' },
    ],
    usage,
  }),
)
const FIRST = chunk([{ index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null }])
const NEXT = chunk([{ index: 0, delta: { content: ' gateway' }, logprobs: null, finish_reason: null }])
const LAST = chunk([{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }])
const USAGE = chunk([], { usage })
const DONE = Buffer.from('data: [DONE]\n\n')

function chunk(choices: readonly object[], more: object = {}): Buffer {
  return Buffer.from(`data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', choices, ...more })}\n\n`)
}

interface Paced {
  readonly outgoing: ServerResponse
  left: number
  nextAt: number
}

let plan: Plan = { kind: 'whole' }
const paced = new Set<Paced>()
let begun = 0

/** One timer for all streams. A stream that is late is not caught up: two events must never leave as one write. */
function tick(everyMs: number): void {
  const now = performance.now()
  for (const stream of paced) {
    if (stream.nextAt > now) continue
    stream.nextAt = Math.max(stream.nextAt + everyMs, now)
    if (stream.left-- > 0) stream.outgoing.write(NEXT)
    else {
      paced.delete(stream)
      endStream(stream.outgoing)
    }
  }
}

function endStream(outgoing: ServerResponse): void {
  outgoing.write(LAST)
  outgoing.write(USAGE)
  outgoing.end(DONE)
}

function openStream(outgoing: ServerResponse): void {
  outgoing.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  outgoing.write(FIRST)
}

function answer(outgoing: ServerResponse): void {
  if (plan.kind === 'whole') {
    outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': WHOLE.length })
    outgoing.end(WHOLE)
    return
  }
  openStream(outgoing)
  if (plan.kind === 'large-event') return writeLarge(outgoing, plan)
  // Streams begin one after the other within the interval, so that their events do not come in one burst.
  const phase = ((begun++ % 64) / 64) * plan.everyMs
  const stream = { outgoing, left: plan.events, nextAt: performance.now() + phase }
  paced.add(stream)
  outgoing.on('close', () => paced.delete(stream))
}

function writeLarge(outgoing: ServerResponse, { bytes, writeBytes }: Extract<Plan, { kind: 'large-event' }>): void {
  const event = chunk([{ index: 0, delta: { content: 'x'.repeat(bytes) }, logprobs: null, finish_reason: null }])
  let at = 0
  const step = (): void => {
    if (at >= event.length) return endStream(outgoing)
    outgoing.write(event.subarray(at, (at += writeBytes)))
    setImmediate(step)
  }
  step()
}

function serve(incoming: IncomingMessage, outgoing: ServerResponse): void {
  incoming.resume()
  incoming.on('end', () => answer(outgoing))
}

let timer: NodeJS.Timeout | undefined
process.on('message', (next: Plan) => {
  plan = next
  clearInterval(timer)
  if (next.kind === 'stream') timer = setInterval(tick, 1, next.everyMs)
  process.send?.('planned')
})
process.on('disconnect', () => process.exit())
const server = createServer({ keepAliveTimeout: 60_000 }, serve)
server.listen(Number(process.argv[2]), '127.0.0.1')
