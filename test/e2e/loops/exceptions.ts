import type { Caller } from './callers.ts'
import type { ScenarioName } from './scenarios.ts'
import { FOLLOWERS, TARGETS, type Target } from './targets.ts'

/** Something that a target cannot be told in its own form. */
export type Gap =
  /** The schema stands in words among what the system says. */
  | 'schema'
  /** How much is to be thought is not said. */
  | 'thinking'
  /** Thoughts of an earlier turn do not come back to whoever thought them. */
  | 'thoughts'
  /** They come back without their signature. */
  | 'signature'
  | 'stop'

/** The caller's own names of what it asks for: what an error or a warning has to say. */
type Names = Readonly<Record<Caller['name'], string>>
const all = (name: string): Names => ({ chat: name, responses: name, messages: name, gemini: name })
const NAMES = {
  thinking: {
    chat: 'reasoning_effort',
    responses: 'reasoning',
    messages: 'thinking',
    gemini: 'generationConfig.thinkingConfig',
  },
  stop: { chat: 'stop', responses: 'stop', messages: 'stop_sequences', gemini: 'generationConfig.stopSequences' },
  schema: {
    chat: 'response_format',
    responses: 'text',
    messages: 'output_config',
    gemini: 'generationConfig.responseJsonSchema',
  },
  limit: {
    chat: 'max_completion_tokens',
    responses: 'max_output_tokens',
    messages: 'max_tokens',
    gemini: 'generationConfig.maxOutputTokens',
  },
  image: all('image'),
} as const satisfies Readonly<Record<string, Names>>

/** Where targets, callers or scenarios are left out, it is so with all of them. It holds in every cell that it names, or the test is red. */
export interface Exception {
  readonly targets: readonly string[]
  readonly callers?: readonly Caller['name'][]
  readonly scenarios?: readonly ScenarioName[]
  readonly stream?: boolean
  /** What `x-tutti-warnings` says; `{name}` is the caller's own name of it. */
  readonly told?: string
  readonly gap?: Gap
  /** It is a 400 that names this field. */
  readonly refused?: keyof typeof NAMES
}

/** Chat completions of others than OpenAI. */
const CHATS = ['compatible', 'mistral', 'perplexity']
/** Whose upstreams speak Responses too, and are asked so where more can be said. */
const TWO_FORMS = ['lm-studio-chat', 'openrouter-chat', 'tutti-chat', 'xai-chat']
const FOLLOWING = FOLLOWERS.map(({ name }) => name)
/** Who wants thoughts back as they were. */
const REPLAYED = ['cerebras-chat', 'deepseek-chat', 'moonshot-chat']
const OLDER_LIMIT = [
  'cloudflare-ai-gateway',
  'deepseek',
  'fanar',
  'friendli',
  'lm-studio',
  'moonshot',
  'nvidia',
  'ollama',
  'together',
  'upstage',
  'workers-ai',
].map((type) => `${type}-chat`)
const ONE_FORM = FOLLOWING.filter((name) => !TWO_FORMS.includes(name))
const NOT_CHAT: Exception['callers'] = ['responses', 'messages', 'gemini']
const THINKING: Exception['scenarios'] = ['parallel tools', 'reasoning']
const WORKERS_AI = ['workers-ai', 'workers-ai-binding']
const CLOVAS = ['clova', 'clova-vision']
const ALL = [...TARGETS, ...FOLLOWERS].map(({ name }) => name)
const without = (...names: readonly string[]): readonly string[] => ALL.filter((name) => !names.includes(name))

/** Each is told, or refused, or says why it need not be: nothing is lost in silence. */
export const EXCEPTIONS: readonly Exception[] = [
  // The dialect of Responses has no stop sequences: what is written all the same goes to those who speak it, and to nobody else.
  {
    targets: without('openai', 'azure', 'responses', ...TWO_FORMS),
    callers: ['responses'],
    scenarios: ['stop sequences'],
    gap: 'stop',
    told: '`{stop}` was not sent: the provider has no such field',
  },
  {
    targets: ['responses', ...WORKERS_AI],
    callers: ['chat', 'messages', 'gemini'],
    scenarios: ['stop sequences'],
    refused: 'stop',
  },
  { targets: ['clova'], scenarios: ['image'], refused: 'image' },
  { targets: ['clova-vision'], scenarios: ['structured output'], refused: 'schema' },
  {
    targets: ['nova'],
    scenarios: ['structured output'],
    gap: 'schema',
    told: '`{schema}` was asked for in words: the model takes no schema',
  },
  {
    targets: ['deepseek-chat'],
    callers: NOT_CHAT,
    scenarios: ['structured output'],
    gap: 'schema',
    told: 'the schema of `{schema}` was asked for in words: the provider knows `json_object` alone',
  },
  {
    targets: ['hyperclova-x-chat', 'workers-ai-chat'],
    callers: ['chat'],
    scenarios: ['parallel tools'],
    told: 'messages whose `content` is null were sent with an empty one',
  },
  {
    targets: ['mistral', 'perplexity', ...OLDER_LIMIT],
    callers: ['chat'],
    told: '`{limit}` was sent as `max_tokens`',
  },
  // It tells usage in any case.
  {
    targets: ['mistral'],
    callers: ['chat'],
    stream: true,
    told: '`stream_options` was not sent: the provider does not take it',
  },
  // How much is to be thought, and how it is to be shown.
  {
    targets: ['mistral', 'perplexity', 'cloudflare-ai-gateway-chat', 'moonshot-chat', 'nvidia-chat', 'together-chat'],
    callers: NOT_CHAT,
    scenarios: THINKING,
    gap: 'thinking',
    told: '`{thinking}` was not sent: the provider does not take it',
  },
  {
    targets: ['nova', 'clova-vision'],
    scenarios: THINKING,
    gap: 'thinking',
    told: '`{thinking}` was not sent: the provider does not take it',
  },
  {
    targets: ['clova'],
    scenarios: ['parallel tools'],
    gap: 'thinking',
    told: '`{thinking}` was sent as `none`: the provider does not think where it may call tools',
  },
  {
    targets: ['ollama'],
    scenarios: THINKING,
    told: '`{thinking}` was sent as `think` without a level: the model has none',
  },
  {
    targets: ['cohere'],
    scenarios: THINKING,
    told: '`{thinking}` was sent as thinking without a level: the provider has none',
  },
  {
    targets: ['haiku'],
    callers: ['chat', 'responses', 'gemini'],
    scenarios: THINKING,
    told: '`{thinking}` was sent as a budget of 7976 tokens',
  },
  {
    targets: [...CHATS, ...ONE_FORM, ...CLOVAS, 'nova', 'cohere', 'ollama', ...WORKERS_AI],
    callers: ['responses', 'gemini'],
    scenarios: THINKING,
    told: 'how thoughts are to be shown was not sent of `{thinking}`: the provider does not take it',
  },
  {
    targets: [...CHATS, ...FOLLOWING, 'openai', 'responses', 'azure', 'nova', 'clova-vision', ...WORKERS_AI],
    callers: ['messages'],
    scenarios: THINKING,
    told: 'that the model may decide was not sent of `{thinking}`: the provider does not take it',
  },
  // What was thought before.
  {
    targets: [...CHATS, ...ONE_FORM.filter((name) => !REPLAYED.includes(name)), ...CLOVAS, ...WORKERS_AI],
    callers: NOT_CHAT,
    scenarios: THINKING,
    gap: 'thoughts',
    told: 'thoughts of earlier turns were not sent: the provider does not take them',
  },
  // Google signs the text behind a thought too, and does not insist on having that back; only its own dialect has a place for it.
  {
    targets: ['gemini', 'vertex'],
    callers: ['responses', 'messages'],
    scenarios: ['reasoning'],
    gap: 'signature',
  },
  // Its first turn was a chat completion, whose thoughts nobody signs.
  {
    targets: ['azure', 'lm-studio-chat', 'tutti-chat'],
    callers: ['messages'],
    scenarios: THINKING,
    gap: 'thoughts',
    told: 'thoughts of earlier turns were not sent: the provider takes them with its own signature only',
  },
]

/** What is not as it would be elsewhere. */
export interface Expected {
  readonly warnings: readonly string[]
  readonly gaps: ReadonlySet<Gap>
  /** The field that a 400 has to name. */
  readonly refused: string | undefined
}

export function expectedOf(
  { target, caller, scenario }: { readonly target: Target; readonly caller: Caller; readonly scenario: ScenarioName },
  stream: boolean,
): Expected {
  const found = EXCEPTIONS.filter(
    ({ targets, callers, scenarios, stream: only = stream }) =>
      only === stream &&
      targets.includes(target.name) &&
      (callers?.includes(caller.name) ?? true) &&
      (scenarios?.includes(scenario) ?? true),
  )
  const refused = found.map((own) => own.refused).find((own) => own !== undefined)
  const warnings = found.flatMap(({ told }) => (told === undefined ? [] : [named(told, caller.name)]))
  return {
    warnings: [...new Set(warnings)].toSorted(),
    gaps: new Set(found.flatMap(({ gap }) => gap ?? [])),
    refused: refused && NAMES[refused][caller.name],
  }
}

function named(text: string, caller: Caller['name']): string {
  return Object.entries(NAMES).reduce((said, [name, own]) => said.replace(`{${name}}`, own[caller]), text)
}
