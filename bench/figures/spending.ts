import { IncomingMessage, ServerResponse } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { assemble } from '#src/assemble.ts'
import type { StateStore } from '#src/core/state-store.ts'
import type { ExchangeHandler, Transport } from '#src/core/transport.ts'
import type { Channel } from '#src/http/channel.ts'
import { createNodeSink } from '#src/http/node-channel.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createSqliteStore } from '#src/state/sqlite.ts'
import { compile, sha256 } from '../../test/support/gateway.ts'
import { configFor } from '../config.ts'
import { credentialOf, MODEL } from '../protocol.ts'
import type { Check } from '../report.ts'
import type { Scale } from '../scale.ts'

const AT_ONCE = 32
const SLICE = 320
/** What else the machine does only adds. */
const QUANTILE = 0.05

const NOWHERE = new Socket()
const BODY = new TextEncoder().encode(
  JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'x'.repeat(950) }] }),
)
const ANSWER = new TextEncoder().encode(
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: MODEL,
    choices: [{ index: 0, message: { role: 'assistant', content: 'x'.repeat(900) }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 250, completion_tokens: 50, total_tokens: 300 },
  }),
)

/**
 * What a budget and limits cost, in µs of CPU a request: all that tutti does, from the request's head to the bytes of the answer, in this process and without a
 * network. The gateways take turns of a few hundred requests, and the twentieth of each one's turns in which it cost least counts.
 */
export async function measureSpending({ spendingRounds }: Scale): Promise<readonly Check[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-bench-'))
  const sqlite = createSqliteStore(join(folder, 'state.db'))
  try {
    const [none, memory, file] = await Promise.all([
      openGateway(createMemoryStore(), false),
      openGateway(createMemoryStore(), true),
      openGateway(sqlite, true),
    ])
    const gateways = [none, memory, file]
    for (const ask of gateways) await run(ask, spendingRounds * SLICE)
    const samples = new Map(gateways.map((ask) => [ask, [] as number[]]))
    for (let round = 0; round < spendingRounds; round++)
      for (const ask of round % 2 === 0 ? gateways : gateways.toReversed()) samples.get(ask)?.push(await cpuOf(ask))
    const least = (ask: Ask): number => quantile(samples.get(ask) ?? [])
    return [
      checkOf('a budget and limits, more a request', { all: least(memory), without: least(none), most: 25 }),
      checkOf('the same in sqlite', { all: least(file), without: least(none), most: 60 }),
    ]
  } finally {
    await sqlite.close()
    rmSync(folder, { recursive: true })
  }
}

/** Resolves when the answer is out and its bill is booked. */
type Ask = () => Promise<void>

/** µs a request, over one slice. */
async function cpuOf(ask: Ask): Promise<number> {
  await run(ask, AT_ONCE)
  const before = process.cpuUsage()
  await run(ask, SLICE)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / SLICE
}

async function run(ask: Ask, requests: number): Promise<void> {
  let left = requests
  const caller = async (): Promise<void> => {
    while (left-- > 0) await ask()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, caller))
}

async function openGateway(store: StateStore, spending: boolean): Promise<Ask> {
  const config = { upstream: 'http://127.0.0.1:9', rules: 50, keys: 1, logs: false }
  const snapshot = await compile(configFor({ ...config, spending: spending ? { driver: 'memory' } : undefined }))
  const { app } = assemble(snapshot, { transport: answering, store, hash: sha256 })
  const head: Readonly<Record<string, string>> = {
    host: '127.0.0.1',
    authorization: `Bearer ${credentialOf(0)}`,
    'content-type': 'application/json',
    'content-length': String(BODY.length),
  }
  const request = new Request('http://127.0.0.1/v1/chat/completions', { method: 'POST', body: BODY })
  return async () => {
    const outgoing = new ServerResponse(new IncomingMessage(NOWHERE))
    const channel: Channel = {
      method: 'POST',
      origin: 'loopback',
      header: (name) => head[name],
      bytes: () => Promise.resolve(BODY),
      sink: createNodeSink(outgoing),
      response: RESPONSE_ALREADY_SENT,
    }
    let over: Promise<unknown> | undefined
    await app.fetch(request, {
      channel,
      waitUntil(work) {
        over = work
      },
    })
    await over
    if (outgoing.statusCode !== 200 || !outgoing.writableEnded) throw new Error(`answered ${outgoing.statusCode}`)
  }
}

/** An upstream that answers in the next turn of the loop. */
const answering: Transport = {
  send(_request, _egress, handler) {
    void answer(handler)
    return { abort() {}, pause() {}, resume() {} }
  },
  close: () => Promise.resolve(),
}

async function answer(handler: ExchangeHandler): Promise<void> {
  await turn()
  handler.head({
    status: 200,
    headers: { 'content-type': 'application/json', 'content-length': String(ANSWER.length) },
  })
  handler.data(ANSWER.slice())
  handler.end()
}

function quantile(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * QUANTILE)] ?? Number.NaN
}

interface Costs {
  readonly all: number
  readonly without: number
  readonly most: number
}

function checkOf(promise: string, { all, without, most }: Costs): Check {
  const more = all - without
  const measured = `${more.toFixed(1)} µs on ${without.toFixed(1)}`
  return { promise, limit: `${most} µs`, measured, holds: more <= most }
}
