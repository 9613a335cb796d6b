import { createGateway, type TuttiGateway } from '#src/index.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import { keyNamed } from './sharing-world.ts'

/** Answers one request of a provider; `count` from 1. */
export type Answering = (count: number, body: JsonObject, url: string) => Response | Promise<Response>

export const PROVIDERS = Object.fromEntries(
  ['one', 'two'].map((name) => [
    name,
    {
      type: 'openai-compatible',
      apiKey: 'k',
      baseUrl: `https://${name}.example/v1`,
      models: { m: { developer: name, lineage: [], price: { input: 0, output: 1_000_000 } } },
    },
  ]),
)

export const FILE = {
  version: 1,
  providers: PROVIDERS,
  models: { chat: { targets: ['one/m', 'two/m'], retry: { attempts: 1 } } },
  keys: [keyNamed('a'), keyNamed('b')],
}

/** A whole answer that says which it is. */
export const whole: Answering = (count) =>
  Response.json({
    id: `c${count}`,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: `답 ${count}` }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  })

export interface Asking {
  readonly key?: string | undefined
  readonly as?: string
  readonly path?: string
  readonly body?: object | string | FormData
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export const BODY = { model: 'chat', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] }

/** The request of a caller, under an idempotency key unless that is undefined. */
export function asking({
  key,
  as = 'a',
  path = '/v1/chat/completions',
  body = BODY,
  headers,
  signal,
}: Asking): Request {
  const own = { authorization: `Bearer ${as}`, ...(key !== undefined && { 'idempotency-key': key }), ...headers }
  const text = typeof body === 'string' || body instanceof FormData ? body : JSON.stringify(body)
  return new Request(`http://tutti${path}`, { method: 'POST', headers: own, body: text, ...(signal && { signal }) })
}

export interface RepeatsWorld {
  readonly gateway: TuttiGateway
  /** Bodies that reached a provider, in order. */
  readonly sent: readonly JsonObject[]
  readonly log: readonly JsonObject[]
  ask(asking: Asking): Promise<Response>
}

/** A gateway over providers that a test answers for. */
export async function openRepeats(
  answer: Answering = whole,
  more: object = {},
  state: StateStore = createMemoryStore(),
): Promise<RepeatsWorld> {
  const sent: JsonObject[] = []
  const log: JsonObject[] = []
  const gateway = await createGateway(
    { ...FILE, ...more },
    {
      state,
      log(line) {
        const record = parseJson(line)
        if (isObject(record) && !('event' in record)) log.push(record)
      },
      async fetch(url, init) {
        const read = parseJson(typeof init.body === 'string' ? init.body : '')
        const body = isObject(read) ? read : {}
        sent.push(body)
        return answer(sent.length, body, url)
      },
    },
  )
  return { gateway, sent, log, ask: (one) => gateway.fetch(asking(one)) }
}
