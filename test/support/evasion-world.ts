import { foldText } from '#src/core/fold.ts'
import { isObject, parseJson, stringAt } from '#src/core/json.ts'
import { createGateway, type TuttiGateway } from '#src/index.ts'

/** What the attacks want to reach; nothing else of a request holds the name. */
export const WANTED = 'deepseek/deepseek-chat'

const KEY = { apiKey: 'sk-test' }
const FREE = { developer: 'tutti-test', lineage: [], family: 'tiny' }

/** A target that every rule of the suite denies, or only those that look for weights. */
export interface Denied {
  readonly id: string
  readonly by: 'operator' | 'weights'
  /** It is DeepSeek's own, or comes from it. */
  readonly developer: 'deepseek' | 'another'
  /** Its id says so. */
  readonly named: boolean
}

const named = (id: string, by: Denied['by'] = 'weights'): Denied => ({ id, by, developer: 'deepseek', named: true })
const hidden = (id: string, developer: Denied['developer']): Denied => ({ id, by: 'weights', developer, named: false })

/** DeepSeek by every way that it is sold, resold, distilled, and hidden behind another name. */
export const DENIED: readonly Denied[] = [
  named('deepseek/deepseek-chat', 'operator'),
  named('deepseek/deepseek-reasoner', 'operator'),
  named('deepseek/deepseek-v4-pro', 'operator'),
  named('mistral/deepseek-v4-1-flash-1017'),
  named('nvidia/deepseek-ai/deepseek-r1'),
  named('together/deepseek-ai/DeepSeek-V3'),
  named('fireworks/accounts/fireworks/models/deepseek-v4p1-flash'),
  named('groq/deepseek-r1-distill-llama-70b'),
  named('openrouter/deepseek/deepseek-chat'),
  named('openrouter/deepseek/deepseek-chat:free'),
  named('openrouter/~deepseek/deepseek-latest'),
  named('huggingface/deepseek-ai/DeepSeek-V3:novita'),
  named('vercel-ai-gateway/deepseek/deepseek-v3.2'),
  named('cloudflare-ai-gateway/deepseek/deepseek-chat'),
  named('cloudflare-ai-gateway/workers-ai/@cf/deepseek-ai/deepseek-v4-flash-0731'),
  named('inner/deepseek/deepseek-chat'),
  named('amazon-bedrock/us.deepseek.r1-v1:0'),
  named('amazon-bedrock/arn:aws:bedrock:us-east-1::foundation-model/deepseek.r1-v1:0'),
  named('workers/@cf/deepseek-ai/deepseek-v4-flash-0731'),
  named('ollama/deepseek-r1:7b'),
  named('ollama/deepseek-v3.1:671b-cloud'),
  named('house/DeepSeek-V3.2-NVFP4'),
  named('house/deepseek-r1-0528-qwen3-8b'),
  hidden('azure/production', 'deepseek'),
  hidden('house/prover', 'deepseek'),
  hidden('perplexity/r1-1776', 'another'),
  hidden('house/mai-ds-r1', 'another'),
  hidden('house/DeepCogito/cogito-v2-671b', 'another'),
  hidden('house/tng-r1t2-chimera', 'another'),
  hidden('house/gpt-4o', 'another'),
  hidden('cloudflare-ai-gateway/dynamic/support', 'another'),
  hidden('inner/helpdesk', 'another'),
]

/** Hosts of which nothing may be asked that is not in PERMITTED. */
export const PERMITTED = [
  'good/tiny',
  'broken/tiny',
  'moving/tiny',
  'openrouter/some/model',
  'huggingface/some/model',
  'vercel-ai-gateway/some/model',
  'cloudflare-ai-gateway/openai/model',
  'inner/some/model',
  'openai/gpt-6-luna',
  'claude/claude-haiku-5-5',
  'gemini/gemini-3-flash',
] as const

/** Those that send requests on, or may: nothing that steers may reach them. */
export const ROUTERS = [
  'good/tiny',
  'openrouter/some/model',
  'huggingface/some/model',
  'vercel-ai-gateway/some/model',
  'cloudflare-ai-gateway/openai/model',
  'inner/some/model',
] as const

const host = (name: string, models: object): object => ({
  type: 'openai-compatible',
  baseUrl: `https://${name}.tutti.example/v1`,
  ...KEY,
  operator: { name: `${name}-operator`, country: 'KR' },
  region: 'KR',
  models,
})

const DEEPSEEKS = { developer: 'deepseek', lineage: [], family: 'deepseek' }
const DISTILLED = { developer: 'another', lineage: ['deepseek-r1'], family: 'tiny' }

/** The ids of a provider's denied targets, each without a fact of the file's own. */
function written(provider: string): Record<string, object> {
  const ids = DENIED.flatMap(({ id }) => (id.startsWith(`${provider}/`) ? [id.slice(provider.length + 1)] : []))
  return Object.fromEntries(ids.map((id) => [id, {}]))
}

const PROVIDERS = {
  deepseek: { ...KEY, models: written('deepseek') },
  mistral: { ...KEY, models: written('mistral') },
  nvidia: { ...KEY, models: written('nvidia') },
  together: { ...KEY, models: written('together') },
  fireworks: { ...KEY, models: written('fireworks') },
  groq: { ...KEY, models: written('groq') },
  perplexity: { ...KEY, models: written('perplexity') },
  openrouter: { ...KEY, models: { ...written('openrouter'), 'some/model': FREE } },
  huggingface: { ...KEY, models: { ...written('huggingface'), 'some/model': FREE } },
  'vercel-ai-gateway': { ...KEY, models: { ...written('vercel-ai-gateway'), 'some/model': FREE } },
  'cloudflare-ai-gateway': {
    ...KEY,
    settings: { accountId: 'a', gatewayId: 'g' },
    models: { ...written('cloudflare-ai-gateway'), 'dynamic/support': DISTILLED, 'openai/model': FREE },
  },
  inner: {
    type: 'tutti',
    baseUrl: 'https://inner.tutti.example/v1',
    ...KEY,
    models: { ...written('inner'), helpdesk: DISTILLED, 'some/model': FREE },
  },
  'amazon-bedrock': {
    type: 'aws-bedrock',
    ...KEY,
    settings: { awsRegion: 'us-east-1' },
    models: written('amazon-bedrock'),
  },
  workers: { type: 'workers-ai-native', ...KEY, settings: { accountId: 'a' }, models: written('workers') },
  ollama: { models: written('ollama') },
  azure: {
    type: 'azure-openai',
    baseUrl: 'https://azure.tutti.example/openai/v1',
    ...KEY,
    models: { production: DEEPSEEKS },
  },
  house: host('house', { ...written('house'), prover: DEEPSEEKS, 'gpt-4o': DISTILLED }),
  good: host('good', { tiny: FREE }),
  broken: host('broken', { tiny: FREE }),
  moving: host('moving', { tiny: FREE }),
  openai: { ...KEY, models: { 'gpt-6-luna': { lineage: [] } } },
  claude: { type: 'anthropic', ...KEY, models: { 'claude-haiku-5-5': { lineage: [] } } },
  gemini: { ...KEY, models: { 'gemini-3-flash': { developer: 'google', lineage: [] } } },
}

/** `behind-3` is a permitted target that fails with the fourth denied one behind it, `alias-3` that alone. */
const ROUTES = {
  ...Object.fromEntries(DENIED.map(({ id }, index) => [`alias-${index}`, { targets: [id] }])),
  ...Object.fromEntries(
    DENIED.map(({ id }, index) => [`behind-${index}`, { targets: ['broken/tiny', id], retry: { attempts: 3 } }]),
  ),
  everything: { targets: DENIED.map(({ id }) => id), retry: { attempts: 20 } },
  moved: { targets: ['moving/tiny', WANTED] },
  chat: { targets: [WANTED, 'good/tiny'] },
}

/** A request as an upstream gets it. */
export interface Taken {
  readonly provider: string
  /** The model's id by the upstream's own reading of the request. */
  readonly model: string
  /** Address, headers and body, as they are. */
  readonly text: string
}

export interface EvasionWorld {
  readonly gateway: TuttiGateway
  /** What went out since the last look. */
  taken(): readonly Taken[]
}

export function evasionConfig(policies: readonly object[], more: object = {}): object {
  return { version: 1, providers: PROVIDERS, models: ROUTES, policies, ...more }
}

const ANSWER = {
  id: 'x',
  object: 'chat.completion',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'hello' }, delta: { content: 'hello' }, finish_reason: 'stop' },
  ],
}

/** Where the redirect leads: to the host that is denied. */
const ELSEWHERE = { location: 'https://api.deepseek.com/v1/chat/completions' }

function answer(provider: string): Response {
  if (provider === 'broken') throw new TypeError('fetch failed')
  if (provider === 'moving') return new Response(null, { status: 307, headers: ELSEWHERE })
  return Response.json(ANSWER)
}

/** The gateway of the library before upstreams that write down every byte. */
export async function startEvasionWorld(policies: readonly object[], more: object = {}): Promise<EvasionWorld> {
  const taken: Taken[] = []
  const gateway = await createGateway(evasionConfig(policies, more), {
    async fetch(url, init) {
      if (isInventory(url)) return new Response(null, { status: 404 })
      const one = await takenOf(url, init)
      taken.push(one)
      return answer(one.provider)
    },
  })
  return { gateway, taken: () => taken.splice(0) }
}

/** What a local host is asked of itself holds no byte of a request. */
function isInventory(address: string): boolean {
  return ['/api/tags', '/api/show', '/v1/models', '/props', '/get_model_info', '/api/v0/models'].includes(
    new URL(address).pathname,
  )
}

const HOSTS: readonly (readonly [string, string])[] = [
  ['api.deepseek.com', 'deepseek'],
  ['openrouter.ai', 'openrouter'],
  ['router.huggingface.co', 'huggingface'],
  ['ai-gateway.vercel.sh', 'vercel-ai-gateway'],
  ['gateway.ai.cloudflare.com', 'cloudflare-ai-gateway'],
  ['api.openai.com', 'openai'],
  ['api.anthropic.com', 'claude'],
  ['generativelanguage.googleapis.com', 'gemini'],
]

async function takenOf(address: string, init: RequestInit): Promise<Taken> {
  const { hostname, pathname } = new URL(address)
  const provider = HOSTS.find(([name]) => name === hostname)?.[1] ?? hostname.split('.')[0] ?? hostname
  const headers = [...new Headers(init.headers)].map(([name, value]) => `${name}: ${value}`)
  const body = await new Response(init.body).text()
  const model = modelIn(body) ?? pathname.split('/models/')[1]?.split(':')[0] ?? ''
  return {
    provider,
    model: decodeURIComponent(model),
    text: [decodeURIComponent(address), ...headers, body].join('\n'),
  }
}

/** Of JSON the last member counts, of a form the last field. */
function modelIn(body: string): string | undefined {
  const value = parseJson(body)
  if (isObject(value)) return stringAt(value, 'model')
  const parts = body.split('name="model"\r\n\r\n')
  return parts.length > 1 ? parts.at(-1)?.split('\r\n')[0] : undefined
}

/** What is wrong with a request that went out; undefined: nothing. */
export function whatLeaked({ provider, model, text }: Taken): string | undefined {
  const target = `${provider}/${model}`
  if (!PERMITTED.some((one) => one === target)) return `${target} was asked`
  if (!ROUTERS.some((one) => one === target)) return undefined
  return foldText(plainly(text)).includes('deepseek') ? `${target} was told: ${text}` : undefined
}

/** With the escapes of JSON read. */
function plainly(text: string): string {
  const body = parseJson(text.split('\n').at(-1) ?? '')
  return isObject(body) ? `${text}${JSON.stringify(body)}` : text
}
