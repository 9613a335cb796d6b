import { assemble } from '#src/assemble.ts'
import { isObject, type JsonObject } from '#src/core/json.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { createWebChannel } from '#src/http/web-channel.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createFetchTransport } from '#src/transport/fetch.ts'
import { createFakeClock } from './fake-clock.ts'
import { compile, sha256 } from './gateway.ts'

const FACTS = { developer: 'kakao', lineage: [], price: { input: 1, output: 1 } }
/** `team` and `rival` may make keys. */
export const KEY_CONFIG = {
  version: 1,
  providers: {
    one: { type: 'openai-compatible', baseUrl: 'https://one.example/v1', models: { m: FACTS, other: FACTS } },
  },
  models: { chat: { targets: ['one/m'] }, chatter: { targets: ['one/m'] } },
  keys: [
    { id: 'app', sha256: sha256('sk-app') },
    {
      id: 'team',
      sha256: sha256('sk-team'),
      tenant: 'kakao',
      tags: ['ministry'],
      models: ['chat*'],
      limits: { rpm: 10 },
      budget: { usd: 1, per: 'day' },
      expires: '2030-12-31',
      mints: 2,
    },
    { id: 'rival', sha256: sha256('sk-rival'), mints: 2 },
  ],
  admin: { sha256: sha256('sk-admin') },
}

/** What its provider says. */
export const ANSWER = {
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
}

interface Options {
  readonly config?: object
  readonly store?: StateStore
  readonly clock?: ReturnType<typeof createFakeClock>
  readonly isolated?: boolean
  /** What the provider answers; one answer unless given. */
  readonly answer?: () => Response
}

interface Asking {
  readonly key?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answered {
  readonly status: number
  readonly json: JsonObject
  /** The error's code and param. */
  readonly why: readonly [unknown, unknown]
  readonly text: string
}

/** A gateway whose callers and operators ask over HTTP, before a provider that has one answer. */
export async function startKeyWorld({
  config = KEY_CONFIG,
  store = createMemoryStore(),
  clock = createFakeClock(),
  isolated,
  answer = () => Response.json(ANSWER),
}: Options = {}) {
  const lines: string[] = []
  const { gateway, app } = assemble(await compile(config), {
    transport: createFetchTransport(async () => answer()),
    store,
    clock,
    hash: sha256,
    ...(isolated !== undefined && { isolated }),
    log: (line) => lines.push(line),
  })
  async function call(method: string, path: string, { key = 'sk-admin', body, headers = {} }: Asking = {}) {
    const request = new Request(`http://tutti${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const work: Promise<unknown>[] = []
    const channel = createWebChannel(request, 'network')
    const response = await app.fetch(request, { channel, waitUntil: (one) => work.push(one) })
    const text = await response.text()
    await Promise.all(work)
    const json: unknown = JSON.parse(text)
    const error = isObject(json) && isObject(json['error']) ? json['error'] : {}
    const answered: Answered = {
      status: response.status,
      json: isObject(json) ? json : {},
      why: [error['code'], error['param']],
      text,
    }
    return answered
  }
  const chat = async (key: string, model = 'chat') => {
    const body = { model, max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }
    return (await call('POST', '/v1/chat/completions', { key, body })).status
  }
  const make = async (body: object, key = 'sk-admin') => {
    const made = await call('POST', '/-/keys', { key, body })
    return { ...made, secret: String(made.json['secret']) }
  }
  return { gateway, store, clock, lines, call, chat, make }
}
