import { NO_MEDIA, type Support } from '#src/core/features.ts'
import { readsTextAlone, thinks } from './wire.ts'

const CLOVA: Support = {
  ...NO_MEDIA,
  image_data: 'carried',
  image_url: 'carried',
  document_text: 'emulated',
  max_output_tokens: 'carried',
  temperature: 'carried',
  top_p: 'carried',
  top_k: 'carried',
  // `repetitionPenalty` weighs tokens otherwise.
  frequency_penalty: 'dropped',
  presence_penalty: 'dropped',
  seed: 'carried',
  stop: 'carried',
  choices: 'refused',
  logprobs: 'dropped',
  logit_bias: 'dropped',
  parallel_tools: 'dropped',
  max_tool_calls: 'dropped',
  verbosity: 'dropped',
  service_tier: 'dropped',
  metadata: 'dropped',
  user: 'dropped',
  cache_key: 'dropped',
  modalities: 'refused',
  speech: 'refused',
  store: 'dropped',
  tool_choice_none: 'carried',
  // `toolChoice` has no word for it.
  tool_choice_required: 'refused',
  tool_choice_named: 'carried',
  tool_choice_allowed: 'emulated',
  // One system message, in front.
  system_later: 'emulated',
  system_media: 'refused',
  turn_name: 'dropped',
  media_detail: 'dropped',
  media_name: 'emulated',
  assistant_media: 'dropped',
  refusals: 'emulated',
  citations: 'dropped',
  cache_marks: 'dropped',
  reasoning_turns: 'dropped',
  tool_calls: 'carried',
  custom_calls: 'emulated',
  tool_results: 'carried',
  tool_result_media: 'emulated',
  tool_failed: 'emulated',
  function_tools: 'carried',
  tool_strict: 'dropped',
  custom_tools: 'refused',
  output_json: 'refused',
  output_schema: 'refused',
  reasoning_effort: 'dropped',
  reasoning_budget: 'dropped',
  reasoning_adaptive: 'dropped',
  reasoning_summary: 'dropped',
}

/** What only HCX-007 has. */
const THINKING: Partial<Support> = {
  output_json: 'emulated',
  output_schema: 'carried',
  reasoning_effort: 'carried',
  reasoning_budget: 'emulated',
  reasoning_adaptive: 'emulated',
}

const TEXT_ALONE: Partial<Support> = { image_data: 'refused', image_url: 'refused', tool_result_media: 'refused' }

/** What CLOVA Studio takes for one model. */
export function support(model: string): Support {
  return { ...CLOVA, ...(readsTextAlone(model) && TEXT_ALONE), ...(thinks(model) && THINKING) }
}
