import { createGateway } from '#src/index.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { adapters } from '#providers/registry.ts'
import type { Recorded } from './cases.ts'
import type { Outside, Workerd } from '../../../scripts/workerd.ts'
import { RUNTIME, startReplayed } from '../../support/runtime.ts'
import { replay, type Split } from './replay.ts'

/** What asks over HTTP: a gateway in this process, or the recording itself. */
export type Ask = (request: Request) => Promise<Response>

/** The corpus's names of vendors that have an adapter under another one. */
const ALIASES: Readonly<Record<string, string>> = {
  azure: 'azure-openai',
  hyperclova: 'hyperclova-x',
  cloudflare: 'workers-ai',
  llamacpp: 'llama-cpp',
  lmstudio: 'lm-studio',
}

/** Who speaks a form that is one vendor's own, or that is asked for at any host in the same way. */
const SPEAKERS: Readonly<Record<string, string>> = {
  'anthropic.messages': 'anthropic',
  'gemini.generate': 'gemini',
  'gemini.stream': 'gemini',
  'bedrock.converse': 'aws-bedrock',
  'bedrock.converse-stream': 'aws-bedrock',
  'bedrock.invoke': 'aws-bedrock',
  'bedrock.invoke-stream': 'aws-bedrock',
  'cohere.v1': 'cohere',
  'cohere.v2': 'cohere',
  'clova.v3': 'hyperclova-x-native',
  'ollama.chat': 'ollama-native',
  'ollama.generate': 'ollama-native',
}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  'openai.chat': 'chat',
  'openai.completions': 'completions',
  'openai.responses': 'responses',
  embeddings: 'embeddings',
  moderations: 'moderations',
  rerank: 'rerank',
  'audio.stt': 'transcriptions',
  images: 'imageGenerations',
}
/** Forms that are the same at several paths. */
const BY_PATH: Readonly<Record<string, Endpoint>> = {
  '/v1/audio/translations': 'translations',
  '/v1/images/edits': 'imageEdits',
}

/** The `type` of the provider that a case is from. */
export function typeOf({ api, provider, id, path }: Recorded): string {
  if (provider === 'vertex') return 'google-vertex'
  if (api === 'count_tokens') return id.startsWith('gemini') ? 'gemini' : 'anthropic'
  const speaker = SPEAKERS[api]
  if (speaker !== undefined) return speaker
  const own = adapters.get(ALIASES[provider] ?? provider)
  const endpoint = BY_PATH[path] ?? ENDPOINTS[api]
  if (endpoint === undefined) return 'openai-compatible'
  if (own?.endpoints.includes(endpoint) === true) return own.type
  return adapters.get('openai-compatible')?.endpoints.includes(endpoint) === true ? 'openai-compatible' : 'openai'
}

/** The least that each type's settings need. */
const SETTINGS: Readonly<Record<string, object>> = {
  'aws-bedrock': { awsRegion: 'ap-northeast-2' },
  'google-vertex': { project: 'p', location: 'us-central1' },
}

/** The upstream's id of a case's model. Vertex reads whose it is from the id. */
export function modelOf({ api, model }: Recorded): string {
  if (model !== undefined) return model
  if (api === 'anthropic.messages') return 'claude-sonnet-4-5'
  return api.startsWith('gemini') ? 'gemini-2.5-flash' : 'replay-model'
}

/** A case under the name by which a caller asks for it. */
export interface Entry {
  readonly name: string
  readonly one: Recorded
  /** The `type` of its provider, where that is not the case's own. */
  readonly type?: string
}

/** A gateway, in whatever runtime. */
export interface RecordedGateway {
  readonly fetch: Ask
  close(): Promise<void>
}

/** A gateway; each entry is an upstream that answers with its case, whose bytes arrive in one way. */
export function startRecorded(entries: readonly Entry[], split: Split): Promise<RecordedGateway> {
  const config = {
    version: 1,
    auth: 'none',
    providers: Object.fromEntries(entries.map((entry) => [entry.name, providerOf(entry)])),
    models: Object.fromEntries(
      entries.map(({ name, one }) => [name, { targets: [`${name}/${modelOf(one)}`], retry: { attempts: 1 } }]),
    ),
  }
  const byHost = new Map(entries.map(({ name, one }) => [`${name}.example`, one]))
  if (RUNTIME === 'workerd') {
    const which = entries.some(({ type }) => type !== undefined) ? 'narrow' : 'worker'
    return startInWorkerd((texts) => startReplayed(config, texts, which), byHost, split)
  }
  return createGateway(config, {
    async fetch(url) {
      const recorded = byHost.get(new URL(url).hostname)
      if (!recorded) throw new TypeError(`no case is at ${url}`)
      return replay(recorded, split)
    },
  })
}

/** What test/workerd/replay-worker.ts is told. */
export function textsFor(byHost: ReadonlyMap<string, Recorded>, split: Split): Outside['texts'] {
  const cases = [...byHost].map(([host, { kind, status, headers, bytes }]) => [
    host,
    { kind, status, headers, base64: Buffer.from(bytes).toString('base64') },
  ])
  return { CASES: JSON.stringify(Object.fromEntries(cases)), SPLIT: split }
}

/** There the upstreams are a worker too, so that each piece stays a piece: sockets would join them. */
async function startInWorkerd(
  start: (texts: Outside['texts']) => Promise<Workerd>,
  byHost: ReadonlyMap<string, Recorded>,
  split: Split,
): Promise<RecordedGateway> {
  const { url, close } = await start(textsFor(byHost, split))
  return {
    async fetch(request) {
      const { pathname, search } = new URL(request.url)
      const { method, headers, signal } = request
      return fetch(url + pathname + search, { method, headers, signal, body: await request.arrayBuffer() })
    },
    close,
  }
}

function providerOf({ name, one, type = typeOf(one) }: Entry): object {
  const settings = SETTINGS[typeOf(one)]
  return {
    type,
    baseUrl: `https://${name}.example/v1`,
    ...(adapters.get(type)?.credential !== 'none' && { apiKey: 'sk-replay' }),
    ...(settings && { settings }),
    models: { [modelOf(one)]: { developer: 'replay' } },
  }
}
