import { NO_MEDIA, type Support } from '#src/core/features.ts'
import type { Quirks } from './definition.ts'

/** What chat completions take, as OpenAI documents them. */
const OPENAI: Support = {
  ...NO_MEDIA,
  image_data: 'carried',
  image_url: 'carried',
  audio_data: 'carried',
  document_data: 'carried',
  document_id: 'carried',
  document_text: 'emulated',
  max_output_tokens: 'carried',
  temperature: 'carried',
  top_p: 'carried',
  top_k: 'dropped',
  frequency_penalty: 'carried',
  presence_penalty: 'carried',
  seed: 'carried',
  stop: 'carried',
  choices: 'carried',
  logprobs: 'carried',
  logit_bias: 'carried',
  parallel_tools: 'carried',
  max_tool_calls: 'dropped',
  verbosity: 'carried',
  service_tier: 'carried',
  metadata: 'carried',
  user: 'carried',
  cache_key: 'carried',
  modalities: 'carried',
  speech: 'carried',
  store: 'carried',
  tool_choice_none: 'carried',
  tool_choice_required: 'carried',
  tool_choice_named: 'carried',
  tool_choice_allowed: 'carried',
  system_later: 'carried',
  system_media: 'refused',
  turn_name: 'carried',
  media_detail: 'carried',
  media_name: 'carried',
  assistant_media: 'dropped',
  refusals: 'carried',
  citations: 'dropped',
  cache_marks: 'dropped',
  reasoning_turns: 'dropped',
  tool_calls: 'carried',
  custom_calls: 'carried',
  tool_results: 'carried',
  tool_result_media: 'emulated',
  tool_failed: 'emulated',
  function_tools: 'carried',
  tool_strict: 'carried',
  custom_tools: 'carried',
  output_json: 'carried',
  output_schema: 'carried',
  reasoning_effort: 'carried',
  reasoning_budget: 'emulated',
  reasoning_adaptive: 'dropped',
  reasoning_summary: 'dropped',
}

/** Of those that only follow OpenAI's dialect nobody can say that they take its newer members; some refuse what they do not know. */
const FOLLOWER: Support = {
  ...OPENAI,
  verbosity: 'dropped',
  service_tier: 'dropped',
  metadata: 'dropped',
  cache_key: 'dropped',
  store: 'dropped',
  tool_choice_allowed: 'emulated',
  refusals: 'emulated',
  custom_calls: 'refused',
  custom_tools: 'refused',
  tool_strict: 'dropped',
  system_media: 'carried',
  // Of OpenAI's own accounts.
  document_id: 'refused',
  video_url: 'carried',
}

/** OpenAI's models that think refuse these. */
const THINKING: Partial<Support> = {
  temperature: 'dropped',
  top_p: 'dropped',
  frequency_penalty: 'dropped',
  presence_penalty: 'dropped',
  logprobs: 'dropped',
  logit_bias: 'dropped',
}

/** OpenAI's models that do not think refuse these. */
const PLAIN: Partial<Support> = {
  verbosity: 'dropped',
  reasoning_effort: 'dropped',
  reasoning_budget: 'dropped',
}

/** What a chat completion has for everybody. */
export const CHAT_DEFAULTS = { temperature: 1, top_p: 1, frequency_penalty: 0, presence_penalty: 0 } as const

/** By its quirks, for one model. */
export function chatSupport(quirks: Quirks, model: string): Support {
  const openai = quirks.members === 'openai'
  return {
    ...(openai ? OPENAI : FOLLOWER),
    ...(openai && isThinking(model) && THINKING),
    ...(openai && isPlain(model) && PLAIN),
    ...(openai && startsWithAny(model, NEVER_STOPPED) && { stop: 'refused' }),
    ...(openai && isThinking(model) && startsWithAny(model, TOOLLESS) && { function_tools: 'refused' }),
    ...(quirks.media === 'mistral' && { document_url: 'carried', video_url: 'refused' }),
    ...(quirks.topK && { top_k: 'carried' }),
    ...(quirks.replayReasoning !== 'none' && { reasoning_turns: 'carried' }),
    ...(quirks.cacheMarks !== 'none' && { cache_marks: 'carried' }),
    ...(!quirks.effort && { reasoning_effort: 'dropped', reasoning_budget: 'dropped' }),
    ...(quirks.jsonSchema === 'emulated' && { output_schema: 'emulated' }),
    ...without([...quirks.removed, ...quirks.ignored, ...quirks.unsent]),
  }
}

function without(members: readonly string[]): Partial<Support> {
  return Object.fromEntries(members.flatMap((name) => Object.entries(FEATURES[name] ?? {})))
}

/** What becomes of a feature whose member cannot be sent. Several answers, or a certain tool, are what was asked for. */
const FEATURES: Readonly<Record<string, Partial<Support>>> = {
  n: { choices: 'refused' },
  logprobs: { logprobs: 'dropped' },
  logit_bias: { logit_bias: 'dropped' },
  seed: { seed: 'dropped' },
  user: { user: 'dropped' },
  store: { store: 'dropped' },
  name: { turn_name: 'dropped' },
  tool_choice: {
    // No tool is offered.
    tool_choice_none: 'emulated',
    tool_choice_required: 'refused',
    tool_choice_named: 'refused',
    tool_choice_allowed: 'refused',
  },
  tools: { function_tools: 'refused', tool_calls: 'refused', tool_results: 'refused' },
  parallel_tool_calls: { parallel_tools: 'dropped' },
  stop: { stop: 'refused' },
  top_p: { top_p: 'dropped' },
  frequency_penalty: { frequency_penalty: 'dropped' },
  presence_penalty: { presence_penalty: 'dropped' },
  response_format: { output_json: 'refused', output_schema: 'refused' },
  image_url: { image_data: 'refused', image_url: 'refused' },
}

/** OpenAI's names of models that think before they answer; those for chats (`gpt-5-chat-latest`) do not. */
const THINKERS = ['gpt-5', 'gpt-6', 'o1', 'o3', 'o4']
const PLAIN_MODELS = ['gpt-3.5', 'gpt-4', 'chatgpt-']
/** They think unless they are told not to, and take functions beside thoughts in Responses alone. */
const TOOLLESS = ['gpt-5.4', 'gpt-5.5', 'gpt-5.6', 'gpt-6']
/** They take no stop sequences. */
const NEVER_STOPPED = ['o3', 'o4-mini']

export function isThinking(model: string): boolean {
  return startsWithAny(model, THINKERS) && !model.includes('-chat')
}

function isPlain(model: string): boolean {
  return startsWithAny(model, PLAIN_MODELS) || (startsWithAny(model, THINKERS) && !isThinking(model))
}

function startsWithAny(model: string, names: readonly string[]): boolean {
  return names.some((name) => model.startsWith(name))
}
