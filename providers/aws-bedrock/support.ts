import { NO_MEDIA, type Support } from '#src/core/features.ts'
import { traitsOf } from './model-traits.ts'

const CONVERSE: Support = {
  ...NO_MEDIA,
  // Files at other addresses are not fetched; files of other vendors are not known.
  image_data: 'carried',
  audio_data: 'carried',
  video_data: 'carried',
  document_data: 'carried',
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
  service_tier: 'carried',
  metadata: 'carried',
  user: 'dropped',
  cache_key: 'dropped',
  modalities: 'refused',
  speech: 'refused',
  store: 'dropped',
  tool_choice_none: 'emulated',
  tool_choice_required: 'carried',
  tool_choice_named: 'carried',
  tool_choice_allowed: 'emulated',
  system_later: 'emulated',
  system_media: 'refused',
  turn_name: 'dropped',
  media_detail: 'dropped',
  media_name: 'carried',
  assistant_media: 'dropped',
  refusals: 'emulated',
  citations: 'carried',
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

/** What Converse takes for one model. */
export function support(model: string): Support {
  const traits = traitsOf(model)
  const { family, thinking } = traits
  const sampled = traits.sampling ? 'carried' : 'dropped'
  const thinks = thinking === undefined ? 'dropped' : 'carried'
  return {
    ...CONVERSE,
    temperature: sampled,
    top_p: sampled,
    top_k: traits.sampling && traits.topK !== undefined ? 'carried' : 'dropped',
    stop: traits.stops ? 'carried' : 'dropped',
    ...(!traits.forced && { tool_choice_required: 'emulated', tool_choice_named: 'emulated' }),
    parallel_tools: family === 'claude' ? 'carried' : 'dropped',
    cache_marks: traits.cachePoints === 'none' ? 'dropped' : 'carried',
    tool_strict: traits.schema ? 'carried' : 'dropped',
    output_schema: traits.schema ? 'carried' : 'emulated',
    tool_failed: family === 'claude' || family === 'nova' ? 'carried' : 'emulated',
    reasoning_effort: thinks,
    reasoning_budget: thinking === 'adaptive' || thinking === 'budget' ? 'carried' : 'dropped',
    reasoning_adaptive: thinking === 'adaptive' || thinking === 'budget' ? 'carried' : 'dropped',
    // With a budget thoughts are always shown.
    reasoning_summary: thinking === 'adaptive' ? 'carried' : thinking === 'budget' ? 'emulated' : 'dropped',
  }
}
