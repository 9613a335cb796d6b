import { BY_RESPONSES } from './by-responses.ts'
import type { Reply } from '#providers/demo/script.ts'
import { adapters } from '#providers/registry.ts'
import { sentAsWorkersAi, sentWithReasoning } from './sent-openai.ts'
import type { SentReader } from './sent.ts'
import type { Json } from '#src/core/json.ts'

/** The forms on the wire, as whoever reads the upstream's side tells them apart: by the path that is asked. */
export type Wire =
  | 'chat'
  | 'responses'
  | 'messages'
  | 'gemini'
  | 'converse'
  | 'cohere'
  | 'clova'
  | 'ollama'
  | 'workersAi'

/** An upstream: who, which of its models, and in which form the four callers should meet it. */
export interface Target {
  /** Also the name of its provider in the file. */
  readonly name: string
  readonly type: string
  readonly model: string
  readonly wire: Wire
  readonly settings?: Readonly<Record<string, string>>
  readonly baseUrl?: string
  /** Who reads what it is asked; left out: whoever reads its form. */
  readonly read?: SentReader
  /** Where its streams say what they cost. */
  readonly usageIn?: Reply['usageIn']
  /** It wants thoughts back that nobody signed, with the calls that came of them. */
  readonly replays?: boolean
  /** What it is told where much thinking is asked for. */
  readonly high?: Json
  /** `none`: its form has no ids of calls; `taken`: it gives none, and takes what tutti gives them. */
  readonly ids?: 'none' | 'taken'
}

/** What a worker's own binding to Workers AI is called. */
export const BINDING = 'AI'
const VERTEX = { project: 'my-project', location: 'asia-northeast3' }
const AWS = { awsRegion: 'ap-northeast-2' }

export const TARGETS: readonly Target[] = [
  {
    name: 'compatible',
    type: 'openai-compatible',
    model: 'some-model',
    wire: 'chat',
    high: 'high',
    baseUrl: 'https://host.example/v1',
  },
  { name: 'openai', type: 'openai', model: 'gpt-4.1-mini', wire: 'chat', high: 'high' },
  { name: 'responses', type: BY_RESPONSES, model: 'gpt-6.1-terra', wire: 'responses', high: 'high' },
  {
    name: 'azure',
    type: 'azure-openai',
    model: 'my-deployment',
    wire: 'chat',
    high: 'high',
    baseUrl: 'https://r.openai.azure.com/openai/v1',
  },
  { name: 'mistral', type: 'mistral', model: 'mistral-medium-latest', wire: 'chat', high: 'high', usageIn: 'last' },
  {
    name: 'perplexity',
    type: 'perplexity',
    model: 'sonar-reasoning-pro',
    wire: 'chat',
    high: 'high',
    usageIn: 'every',
  },
  { name: 'claude', type: 'anthropic', model: 'claude-sonnet-5-5', wire: 'messages', high: 'high' },
  { name: 'haiku', type: 'anthropic', model: 'claude-haiku-4-5', wire: 'messages', high: 7976 },
  { name: 'gemini', type: 'gemini', model: 'gemini-3.5-flash', wire: 'gemini', high: 'high' },
  {
    name: 'vertex',
    type: 'google-vertex',
    model: 'gemini-3.5-flash',
    wire: 'gemini',
    high: 'high',
    settings: VERTEX,
    ids: 'none',
  },
  {
    name: 'vertex-claude',
    type: 'google-vertex',
    model: 'claude-sonnet-4-6',
    wire: 'messages',
    high: 'high',
    settings: VERTEX,
  },
  {
    name: 'bedrock',
    type: 'aws-bedrock',
    model: 'apac.anthropic.claude-sonnet-4-6-v1:0',
    wire: 'converse',
    high: 'high',
    settings: AWS,
  },
  { name: 'nova', type: 'aws-bedrock', model: 'amazon.nova-pro-v1:0', wire: 'converse', settings: AWS },
  { name: 'cohere', type: 'cohere', model: 'command-a-reasoning-08-2025', wire: 'cohere', high: 'enabled' },
  { name: 'clova', type: 'hyperclova-x-native', model: 'HCX-007', wire: 'clova', high: 'high' },
  { name: 'clova-vision', type: 'hyperclova-x-native', model: 'HCX-005', wire: 'clova' },
  { name: 'ollama', type: 'ollama-native', model: 'qwen3:30b', wire: 'ollama', high: true },
  {
    name: 'workers-ai',
    type: 'workers-ai-native',
    model: '@cf/qwen/qwen3-30b-a3b-fp8',
    wire: 'workersAi',
    high: 'high',
    ids: 'taken',
    settings: { accountId: 'my-account' },
  },
  {
    name: 'workers-ai-binding',
    type: 'workers-ai-binding',
    model: '@cf/qwen/qwen3-30b-a3b-fp8',
    wire: 'workersAi',
    high: 'high',
    ids: 'taken',
    settings: { binding: BINDING },
  },
]

const READERS: Readonly<Record<string, SentReader>> = {
  cerebras: sentWithReasoning,
  openrouter: sentWithReasoning,
  'workers-ai': sentAsWorkersAi,
}

/** Those that follow OpenAI's chat completions, each with its quirks. */
export const FOLLOWERS: readonly Target[] = [
  'cerebras',
  'cloudflare-ai-gateway',
  'deepseek',
  'fanar',
  'fireworks',
  'friendli',
  'groq',
  'huggingface',
  'hyperclova-x',
  'llama-cpp',
  'lm-studio',
  'moonshot',
  'nvidia',
  'ollama',
  'openrouter',
  'sglang',
  'sktax',
  'together',
  'tutti',
  'upstage',
  'vercel-ai-gateway',
  'vllm',
  'workers-ai',
  'xai',
].map((type) => ({
  name: `${type}-chat`,
  type,
  model: 'some-model',
  wire: 'chat',
  high: 'high',
  ...(READERS[type] && { read: READERS[type] }),
  ...((type === 'deepseek' || type === 'moonshot') && { replays: true }),
  ...(type === 'workers-ai' && { baseUrl: 'https://cloudflare.example/v1' }),
  ...(type === 'tutti' && { baseUrl: 'https://tutti.example/v1' }),
  ...(type === 'cloudflare-ai-gateway' && { settings: { accountId: 'a', gatewayId: 'g' } }),
}))

/** The file of a gateway before all of them: each target's name is a model that callers ask for. */
export function configFor(targets: readonly Target[]): object {
  return {
    version: 1,
    auth: 'none',
    providers: Object.fromEntries(targets.map((target) => [target.name, providerOf(target)])),
    models: Object.fromEntries(
      targets.map(({ name, model }) => [name, { targets: [`${name}/${model}`], retry: { attempts: 1 } }]),
    ),
  }
}

function providerOf({ type, model, settings, baseUrl }: Target): object {
  return {
    type,
    ...(adapters.get(type)?.credential !== 'none' && { apiKey: 'the-key' }),
    ...(baseUrl !== undefined && { baseUrl }),
    ...(settings && { settings }),
    models: { [model]: { developer: 'somebody' } },
  }
}
