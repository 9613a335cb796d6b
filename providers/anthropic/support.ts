import { NO_MEDIA, type Support } from '#src/core/features.ts'

const MESSAGES: Support = {
  ...NO_MEDIA,
  image_data: 'carried',
  image_url: 'carried',
  image_id: 'carried',
  document_data: 'carried',
  document_url: 'carried',
  document_id: 'carried',
  document_text: 'carried',
  max_output_tokens: 'carried',
  temperature: 'carried',
  top_p: 'carried',
  top_k: 'carried',
  frequency_penalty: 'dropped',
  presence_penalty: 'dropped',
  seed: 'dropped',
  stop: 'carried',
  choices: 'refused',
  logprobs: 'refused',
  logit_bias: 'dropped',
  parallel_tools: 'carried',
  max_tool_calls: 'dropped',
  verbosity: 'dropped',
  service_tier: 'dropped',
  metadata: 'dropped',
  user: 'carried',
  cache_key: 'dropped',
  modalities: 'refused',
  speech: 'refused',
  store: 'dropped',
  tool_choice_none: 'carried',
  tool_choice_required: 'carried',
  tool_choice_named: 'carried',
  tool_choice_allowed: 'emulated',
  system_later: 'carried',
  turn_name: 'dropped',
  media_detail: 'dropped',
  assistant_media: 'dropped',
  refusals: 'emulated',
  citations: 'dropped',
  cache_marks: 'carried',
  reasoning_turns: 'carried',
  tool_calls: 'carried',
  custom_calls: 'emulated',
  tool_results: 'carried',
  tool_result_media: 'carried',
  tool_failed: 'carried',
  function_tools: 'carried',
  tool_strict: 'carried',
  custom_tools: 'refused',
  output_json: 'emulated',
  output_schema: 'carried',
  reasoning_effort: 'carried',
  reasoning_budget: 'carried',
  reasoning_adaptive: 'carried',
  reasoning_summary: 'carried',
}

/** Models released after Claude Opus 4.6 refuse every other value than the default. */
const UNSAMPLED: Support = { ...MESSAGES, temperature: 'dropped', top_p: 'dropped', top_k: 'dropped' }

/** What one model takes. */
export function support(model: string): Support {
  return takesSampling(model) ? MESSAGES : UNSAMPLED
}

/** The families up to Opus 4.6: all others are newer. */
const SAMPLED = [
  'claude-3',
  'claude-2',
  'claude-haiku-4-',
  'claude-sonnet-4-',
  'claude-opus-4-0',
  'claude-opus-4-1',
  'claude-opus-4-2',
  'claude-opus-4-5',
  'claude-opus-4-6',
]

/** Ids of other hosts have a vendor in front and a date or a version behind. */
export function takesSampling(model: string): boolean {
  return SAMPLED.some((family) => model.includes(family))
}
