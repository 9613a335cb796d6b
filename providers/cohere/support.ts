import { NO_MEDIA, type Support } from '#src/core/features.ts'

const COHERE: Support = {
  ...NO_MEDIA,
  image_data: 'carried',
  image_url: 'carried',
  // Documents stand beside the messages, not in them.
  document_text: 'emulated',
  max_output_tokens: 'carried',
  temperature: 'carried',
  top_p: 'carried',
  top_k: 'carried',
  frequency_penalty: 'carried',
  presence_penalty: 'carried',
  seed: 'carried',
  stop: 'carried',
  choices: 'refused',
  logprobs: 'carried',
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
  tool_choice_required: 'carried',
  // Only the tools that may be called are offered.
  tool_choice_named: 'emulated',
  tool_choice_allowed: 'emulated',
  system_later: 'carried',
  system_media: 'refused',
  turn_name: 'dropped',
  media_detail: 'carried',
  media_name: 'carried',
  assistant_media: 'dropped',
  refusals: 'emulated',
  citations: 'dropped',
  cache_marks: 'dropped',
  reasoning_turns: 'carried',
  tool_calls: 'carried',
  custom_calls: 'emulated',
  tool_results: 'carried',
  // Images follow as the user's, documents are parts of a result.
  tool_result_media: 'emulated',
  tool_failed: 'emulated',
  function_tools: 'carried',
  tool_strict: 'carried',
  custom_tools: 'refused',
  output_json: 'carried',
  output_schema: 'carried',
  reasoning_effort: 'emulated',
  reasoning_budget: 'carried',
  reasoning_adaptive: 'emulated',
  reasoning_summary: 'dropped',
}

/** Models that do not think, by the beginnings of their names; of one that nobody knows the provider may say so. */
const PLAIN = ['command-r', 'command-a-03', 'command-a-vision', 'command-a-translate', 'command-light', 'c4ai-']

/** What Cohere takes for one model. */
export function support(model: string): Support {
  if (!PLAIN.some((name) => model.startsWith(name))) return COHERE
  return { ...COHERE, reasoning_effort: 'dropped', reasoning_budget: 'dropped', reasoning_adaptive: 'dropped' }
}
