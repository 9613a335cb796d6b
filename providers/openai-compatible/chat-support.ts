import { NO_MEDIA, type Handling, type Support } from '#src/core/features.ts'
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
  turn_name: 'carried',
  media_detail: 'carried',
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
  reasoning_adaptive: 'emulated',
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
}

/** Models that think refuse these. */
const THINKING: Partial<Support> = {
  temperature: 'dropped',
  top_p: 'dropped',
  frequency_penalty: 'dropped',
  presence_penalty: 'dropped',
  logprobs: 'dropped',
  logit_bias: 'dropped',
}

/** By its quirks, for one model. */
export function chatSupport(quirks: Quirks, model: string): Support {
  const openai = quirks.members === 'openai'
  const support: Support = {
    ...(openai ? OPENAI : FOLLOWER),
    ...(openai && isThinking(model) && THINKING),
    ...(quirks.topK && { top_k: 'carried' }),
    ...(quirks.replayReasoning !== 'none' && { reasoning_turns: 'carried' }),
    ...(!quirks.effort && { reasoning_effort: 'dropped', reasoning_budget: 'dropped' }),
    ...(quirks.jsonSchema === 'emulated' && { output_schema: 'emulated' }),
  }
  const unsent = [...quirks.removed, ...quirks.ignored, ...quirks.unsent].flatMap((name) => FEATURES[name] ?? [])
  const without: Partial<Record<keyof Support, Handling>> = Object.fromEntries(
    unsent.map((feature) => [feature, feature === 'choices' ? 'refused' : 'dropped']),
  )
  return { ...support, ...without }
}

/** What goes with a member of the wire. */
const FEATURES: Readonly<Record<string, readonly (keyof Support)[]>> = {
  n: ['choices'],
  logprobs: ['logprobs'],
  logit_bias: ['logit_bias'],
  seed: ['seed'],
  user: ['user'],
  store: ['store'],
  name: ['turn_name'],
  tool_choice: ['tool_choice_none', 'tool_choice_required', 'tool_choice_named'],
  parallel_tool_calls: ['parallel_tools'],
  stop: ['stop'],
  frequency_penalty: ['frequency_penalty'],
  presence_penalty: ['presence_penalty'],
}

/** OpenAI's names of models that think before they answer. */
const THINKERS = ['gpt-5', 'gpt-6', 'o1', 'o3', 'o4']

export function isThinking(model: string): boolean {
  return THINKERS.some((name) => model.startsWith(name))
}
