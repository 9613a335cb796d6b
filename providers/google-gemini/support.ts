import { NO_MEDIA, type Support } from '#src/core/features.ts'
import { generationOf, isThinking, THIRD } from './wire.ts'

/** What Gemini takes, at either of its hosts. */
const GEMINI: Support = {
  ...NO_MEDIA,
  image_data: 'carried',
  image_url: 'carried',
  audio_data: 'carried',
  audio_url: 'carried',
  video_data: 'carried',
  video_url: 'carried',
  document_data: 'carried',
  document_url: 'carried',
  document_text: 'emulated',
  max_output_tokens: 'carried',
  temperature: 'carried',
  top_p: 'carried',
  top_k: 'carried',
  frequency_penalty: 'dropped',
  presence_penalty: 'dropped',
  seed: 'carried',
  stop: 'carried',
  choices: 'carried',
  logprobs: 'dropped',
  logit_bias: 'dropped',
  parallel_tools: 'dropped',
  max_tool_calls: 'dropped',
  verbosity: 'dropped',
  service_tier: 'carried',
  metadata: 'dropped',
  user: 'dropped',
  cache_key: 'dropped',
  modalities: 'carried',
  speech: 'carried',
  store: 'dropped',
  tool_choice_none: 'carried',
  tool_choice_required: 'carried',
  tool_choice_named: 'carried',
  tool_choice_allowed: 'carried',
  system_later: 'emulated',
  system_media: 'refused',
  turn_name: 'dropped',
  media_detail: 'dropped',
  media_name: 'dropped',
  assistant_media: 'carried',
  refusals: 'emulated',
  citations: 'dropped',
  cache_marks: 'dropped',
  reasoning_turns: 'carried',
  tool_calls: 'carried',
  custom_calls: 'emulated',
  tool_results: 'carried',
  tool_result_media: 'emulated',
  tool_failed: 'carried',
  function_tools: 'carried',
  tool_strict: 'emulated',
  custom_tools: 'refused',
  output_json: 'carried',
  output_schema: 'carried',
  reasoning_effort: 'carried',
  reasoning_budget: 'carried',
  reasoning_adaptive: 'carried',
  reasoning_summary: 'carried',
}

/** Models that do not think refuse to be told how. */
const THOUGHTLESS: Partial<Support> = {
  reasoning_effort: 'dropped',
  reasoning_budget: 'dropped',
  reasoning_adaptive: 'dropped',
  reasoning_summary: 'dropped',
  tool_strict: 'dropped',
}

/** Where Gemini is asked: its own API, or the cloud's, which has other models' features switched on. */
export type Host = 'gemini' | 'vertex'

/** What one model takes. Models newer than 2.0 refuse penalties; log probabilities end with 2.0, on the cloud with 2.5. */
export function support(model: string, host: Host): Support {
  const generation = generationOf(model)
  const probabilities = generation !== undefined && generation < (host === 'vertex' ? THIRD : 2.5)
  return {
    ...GEMINI,
    ...(!isThinking(model) && THOUGHTLESS),
    ...(generation !== undefined && generation < 2.5 && { frequency_penalty: 'carried', presence_penalty: 'carried' }),
    ...(probabilities && { logprobs: 'carried' }),
    ...(generation !== undefined && generation >= THIRD && { tool_result_media: 'carried' }),
    ...(host === 'vertex' && { service_tier: 'dropped', media_name: 'carried' }),
  }
}
