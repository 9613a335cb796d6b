import { assemble } from '#src/assemble.ts'
import { createWebChannel } from '#src/http/web-channel.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import type { DecisionRecord } from '#src/telemetry/telemetry.ts'
import { createFetchTransport } from '#src/transport/fetch.ts'
import { requestOf, type Attack } from './evasion-requests.ts'
import { compile, sha256 } from './gateway.ts'

const FREE = { developer: 'tutti-test', lineage: [], price: { input: 1, output: 1 } }

/** What the gateway of the table is: a name that is permitted, one that is denied, and keys that may do more or less. */
function configOf(limited: readonly string[]): object {
  const key = (id: string) => ({ id, sha256: sha256(id) })
  return {
    version: 1,
    providers: {
      good: {
        type: 'openai-compatible',
        baseUrl: 'https://good.tutti.example/v1',
        apiKey: 'k',
        models: { tiny: FREE, denied: FREE, loud: FREE },
      },
      // Vectors in Google's dialect are asked of Google's own kind alone.
      gemini: { apiKey: 'k', models: { tiny: FREE, denied: FREE } },
    },
    models: {
      tiny: { targets: ['good/tiny', 'gemini/tiny'], retry: { attempts: 1 } },
      denied: { targets: ['good/denied', 'gemini/denied'] },
      loud: { targets: ['good/loud'] },
    },
    policies: [
      { name: 'not-this-one', deny: { model: 'denied' }, reason: 'not here' },
      { name: 'unsaid', subjects: { keys: ['guarded'] }, guard: { literals: ['opensesame'] } },
      { name: 'unheard', subjects: { keys: ['watched'] }, guard: { literals: ['opensesame'], on: ['output'] } },
      { name: 'nobody', subjects: { keys: ['private'] }, when: 'pii.found || pii.unscannable', deny: { model: '*' } },
    ],
    keys: [
      key('app'),
      key('private'),
      key('guarded'),
      key('watched'),
      ...limited.map((id) => ({ ...key(id), limits: { rpm: 1 } })),
    ],
    admin: { sha256: sha256('admin') },
  }
}

/** An answer, read to its end. */
export interface Answered {
  readonly status: number
  readonly text: string
}

export interface RouteWorld {
  /** Every route that the router has, `POST /v1/chat/completions`. */
  readonly routes: readonly string[]
  /** Bodies that reached the provider so far. */
  readonly sent: readonly string[]
  /** Its decisions. */
  readonly log: readonly DecisionRecord[]
  ask(attack: Attack, key?: string): Promise<Answered>
}

/** What a model says that is not shy. */
function loud(path: string, body: string): Response {
  const text = 'so opensesame it is'
  const end = { index: 0, finish_reason: 'stop' }
  const answer = path.endsWith('/audio/transcriptions') || path.endsWith('/audio/translations') ? { text } : undefined
  if (answer) return Response.json(answer)
  const said = path.endsWith('/chat/completions') ? { message: { role: 'assistant', content: text } } : { text }
  if (!body.includes('"stream":true')) return Response.json({ id: 'c', choices: [{ ...end, ...said }] })
  const delta = path.endsWith('/chat/completions') ? { delta: { content: text } } : { text }
  const event = `data: ${JSON.stringify({ id: 'c', choices: [{ ...end, ...delta }] })}\n\ndata: [DONE]\n\n`
  return new Response(event, { headers: { 'content-type': 'text/event-stream' } })
}

/** The router and all behind it, before a provider that has one answer for all models but one. `limited`: keys with one request a minute. */
export async function startRouteWorld(limited: readonly string[]): Promise<RouteWorld> {
  const sent: string[] = []
  const log: DecisionRecord[] = []
  const transport = createFetchTransport(async (url, init) => {
    const body = await new Response(init.body).text()
    sent.push(body)
    if (body.includes('loud')) return loud(new URL(url).pathname, body)
    return Response.json({ error: { message: 'no' } }, { status: 400 })
  })
  const runtime = { transport, store: createMemoryStore(), hash: sha256 }
  const { app } = assemble(await compile(configOf(limited)), {
    ...runtime,
    log(line) {
      const record: DecisionRecord = JSON.parse(line)
      if (!('event' in record)) log.push(record)
    },
  })
  return {
    routes: [...new Set(app.routes.map(({ method, path }) => `${method} ${path}`))],
    sent,
    log,
    async ask(attack, key) {
      const work: Promise<unknown>[] = []
      const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` }
      const request = requestOf({ ...attack, headers: { ...attack.headers, ...authorization } })
      const channel = createWebChannel(request, 'network')
      const response = await app.fetch(request, { channel, waitUntil: (one) => work.push(one) })
      const text = await response.text()
      await Promise.all(work)
      return { status: response.status, text }
    },
  }
}
