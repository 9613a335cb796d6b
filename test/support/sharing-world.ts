import assert from 'node:assert/strict'
import { createGateway, type TuttiGateway } from '#src/index.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import { createMemoryStore, type MemoryStore } from '#src/state/memory.ts'
import { sha256 } from './gateway.ts'

/** A caller of the file whose credential is its id. */
export function keyNamed(id: string, more: object = {}): object {
  return { id, sha256: sha256(id), ...more }
}

/** A dollar a token of output, of which one comes: a request costs and holds a dollar. */
const MODELS = { m: { developer: 'x', lineage: [], price: { input: 0, output: 1_000_000 } } }
const HOST = { type: 'openai-compatible', apiKey: 'k', models: MODELS }
export const FILE = {
  version: 1,
  providers: {
    one: { ...HOST, baseUrl: 'https://one.example/v1' },
    two: { ...HOST, baseUrl: 'https://two.example/v1' },
  },
  models: { chat: { targets: ['one/m', 'two/m'], retry: { attempts: 2 } }, other: { targets: ['one/m'] } },
}
/** What both answer. */
export const ANSWER = {
  id: 'c',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
}

/** Two providers that always answer, behind what callers share. */
export interface SharingWorld {
  readonly gateway: TuttiGateway
  readonly store: MemoryStore
  /** Whom each request went to so far. */
  readonly sent: readonly string[]
  /** Decisions so far. */
  readonly log: readonly JsonObject[]
  /** Which provider answered, or status, code, message and, where it is said, the seconds to wait. */
  ask(as: string, model?: string): Promise<string>
}

/** `coming`: what the next answers wait for. */
export async function openSharing(more: object, coming?: () => Promise<void>): Promise<SharingWorld> {
  const store = createMemoryStore()
  const sent: string[] = []
  const log: JsonObject[] = []
  const gateway = await createGateway(
    { ...FILE, ...more },
    {
      state: store,
      log(line) {
        const record = parseJson(line)
        if (isObject(record) && !('event' in record)) log.push(record)
      },
      async fetch(url) {
        sent.push(new URL(url).hostname.split('.')[0] ?? '')
        await coming?.()
        return Response.json(ANSWER)
      },
    },
  )
  return {
    gateway,
    store,
    sent,
    log,
    async ask(as, model = 'chat') {
      const response = await gateway.fetch(
        new Request('http://tutti/v1/chat/completions', {
          method: 'POST',
          headers: { authorization: `Bearer ${as}` },
          body: JSON.stringify({ model, max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] }),
        }),
      )
      const { error } = await response.json()
      if (response.status === 200) return sent.at(-1) ?? ''
      return [response.status, error.code, error.message, response.headers.get('retry-after') ?? ''].join(' ').trim()
    },
  }
}

/** By the kill switch; `admin` is `boss`. */
export async function deny({ gateway }: SharingWorld, what: object): Promise<void> {
  const body = JSON.stringify({ name: 'now', deny: what, reason: 'no' })
  const init = { method: 'POST', headers: { authorization: 'Bearer boss' }, body }
  assert.equal((await gateway.fetch(new Request('http://tutti/-/deny', init))).status, 200)
}
