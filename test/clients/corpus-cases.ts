import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject, objectAt, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import { adapters } from '#providers/registry.ts'
import { SHARED } from '../support/require.ts'

/** One recorded answer, and how it is asked for again. */
export interface Case {
  /** `provider/case`. */
  readonly id: string
  readonly api: 'openai.chat' | 'openai.completions' | 'embeddings'
  readonly stream: boolean
  readonly status: number
  /** The `type` of its provider: an adapter of ours, else `openai-compatible`. */
  readonly type: string
  /** The upstream's id of the model. */
  readonly model: string
  /** The recorded request where there is one, else the least that can be asked. Without `model`. */
  readonly body: JsonObject
}

const CORPUS = join(SHARED, 'corpus')
const APIS = ['openai.chat', 'openai.completions', 'embeddings'] as const

/** The corpus's names of vendors that have an adapter under another one. */
const ALIASES: Readonly<Record<string, string>> = {
  azure: 'azure-openai',
  hyperclova: 'hyperclova-x',
  cloudflare: 'workers-ai',
  llamacpp: 'llama-cpp',
  'vercel-gateway': 'vercel-ai-gateway',
  lmstudio: 'lm-studio',
}

const LEAST: Readonly<Record<Case['api'], JsonObject>> = {
  'openai.chat': { messages: [{ role: 'user', content: '안녕하세요' }] },
  'openai.completions': { prompt: '안녕하세요' },
  embeddings: { input: '안녕하세요' },
}
const ENDPOINTS = { 'openai.chat': 'chat', 'openai.completions': 'completions', embeddings: 'embeddings' } as const
const INPUT = { 'openai.chat': 'messages', 'openai.completions': 'prompt', embeddings: 'input' } as const

/** Every case that speaks a dialect of this version, in the order of the index. */
export function loadCases(): readonly Case[] {
  const rows = parseJson(readFileSync(join(CORPUS, 'index.json'), 'utf8'))
  if (!Array.isArray(rows)) return []
  return rows.filter(isObject).flatMap((row) => {
    const api = APIS.find((one) => one === row['api'])
    return api === undefined ? [] : [caseOf(row, api)]
  })
}

function caseOf(row: JsonObject, api: Case['api']): Case {
  const id = stringAt(row, 'id') ?? ''
  const vendor = stringAt(row, 'provider') ?? ''
  const meta = parseJson(readFileSync(join(CORPUS, `${id}.meta.json`), 'utf8'))
  const recorded = objectAt(objectAt(meta, 'request'), 'body')
  const { model, ...body } = recorded ?? {}
  return {
    id,
    api,
    stream: row['stream'] === true,
    status: Number(row['status']),
    type: typeOf(ALIASES[vendor] ?? vendor, api),
    model: typeof model === 'string' && model !== '' ? model : (stringAt(meta, 'model') ?? 'replay-model'),
    body: INPUT[api] in body ? body : { ...LEAST[api], ...body },
  }
}

/** Some hosts have more paths than their vendor's type knows: those were recorded from another address than its own. */
function typeOf(vendor: string, api: Case['api']): string {
  return adapters.get(vendor)?.endpoints.includes(ENDPOINTS[api]) === true ? vendor : 'openai-compatible'
}

/** What `../shared/tools/clients/replay-upstream.mjs` gives. */
export interface Replay {
  readonly port: number
  readonly server: { keepAliveTimeout: number }
  close(): void
}

/** Serves the corpus: `http://127.0.0.1:PORT/@split=MODE/PROVIDER/CASE/v1`. */
export async function startReplay(): Promise<Replay> {
  const tool = new URL(`file://${join(SHARED, 'tools/clients/replay-upstream.mjs')}`).href
  const { startReplay: start }: { startReplay(options: object): Promise<Replay> } = await import(
    /* @vite-ignore */ tool
  )
  const replay = await start({ port: 0, corpus: CORPUS })
  // It lets go of a connection a second after its last answer, which on a busy machine may be while the next request is on its way.
  replay.server.keepAliveTimeout = 60_000
  return replay
}

/** One way in which every answer arrives. */
export interface Arrival {
  /** As the replay server takes it: `split=line`. */
  readonly options: string
  /** The type of every provider, instead of its own. */
  readonly type?: string
}

/** A provider and a route for each case. */
export function configFor(cases: readonly Case[], replay: Replay, { options, type }: Arrival): object {
  const entries = cases.map((one, index) => ({ one, name: nameOf(index) }))
  return {
    version: 1,
    auth: 'none',
    providers: Object.fromEntries(
      entries.map(({ one, name }) => [
        name,
        {
          type: type ?? one.type,
          baseUrl: addressOf(one, replay, options),
          local: true,
          ...(adapters.get(one.type)?.credential !== 'none' && { apiKey: 'sk-replay' }),
          models: { [one.model]: { developer: 'replay' } },
        },
      ]),
    ),
    models: Object.fromEntries(
      entries.map(({ one, name }) => [name, { targets: [`${name}/${one.model}`], retry: { attempts: 1 } }]),
    ),
  }
}

export function nameOf(index: number): string {
  return `case-${index}`
}

export function addressOf(one: Case, replay: Replay, options: string): string {
  return `http://127.0.0.1:${replay.port}/@${options}/${one.id}/v1`
}
