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
        models: { tiny: FREE, denied: FREE },
      },
      // Vectors in Google's dialect are asked of Google's own kind alone.
      gemini: { apiKey: 'k', models: { tiny: FREE, denied: FREE } },
    },
    models: {
      tiny: { targets: ['good/tiny', 'gemini/tiny'], retry: { attempts: 1 } },
      denied: { targets: ['good/denied', 'gemini/denied'] },
    },
    policies: [
      { name: 'not-this-one', deny: { model: 'denied' }, reason: 'not here' },
      { name: 'unsaid', subjects: { keys: ['guarded'] }, guard: { literals: ['opensesame'] } },
      { name: 'nobody', subjects: { keys: ['private'] }, when: 'pii.found || pii.unscannable', deny: { model: '*' } },
    ],
    keys: [key('app'), key('private'), key('guarded'), ...limited.map((id) => ({ ...key(id), limits: { rpm: 1 } }))],
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
  readonly log: readonly DecisionRecord[]
  ask(attack: Attack, key?: string): Promise<Answered>
}

/** The router and all behind it, before a provider that knows only one answer. `limited`: keys with one request a minute. */
export async function startRouteWorld(limited: readonly string[]): Promise<RouteWorld> {
  const sent: string[] = []
  const log: DecisionRecord[] = []
  const transport = createFetchTransport(async (_, init) => {
    sent.push(await new Response(init.body).text())
    return Response.json({ error: { message: 'no' } }, { status: 400 })
  })
  const runtime = { transport, store: createMemoryStore(), hash: sha256 }
  const { app } = assemble(await compile(configOf(limited)), {
    ...runtime,
    log(line) {
      const record: DecisionRecord = JSON.parse(line)
      log.push(record)
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
