import { NO_MEDIA, type Handling, type Support } from '#src/core/features.ts'
import { traitsOf, type ModelTraits } from './model-traits.ts'

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
  service_tier: 'carried',
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

/** What one model takes. */
export function support(model: string): Support {
  const traits = traitsOf(model)
  const carriedIf = (has: boolean, otherwise: Handling): Handling => (has ? 'carried' : otherwise)
  const thinks = traits.adaptive || traits.budget
  return {
    ...MESSAGES,
    ...(!traits.sampling && { temperature: 'dropped', top_p: 'dropped', top_k: 'dropped' }),
    tool_choice_required: carriedIf(traits.forced, 'emulated'),
    tool_choice_named: carriedIf(traits.forced, 'emulated'),
    output_schema: carriedIf(traits.schema, 'emulated'),
    tool_strict: carriedIf(traits.schema, 'dropped'),
    system_later: carriedIf(knowsLaterSystem(traits), 'emulated'),
    reasoning_effort: carriedIf(traits.efforts.length > 0, thinks ? 'emulated' : 'dropped'),
    reasoning_budget: carriedIf(traits.budget, thinks ? 'emulated' : 'dropped'),
    reasoning_adaptive: carriedIf(traits.adaptive, thinks ? 'emulated' : 'dropped'),
    reasoning_summary: carriedIf(thinks, 'dropped'),
  }
}

/** `system` among the messages is new, as the models without sampling are. */
export function knowsLaterSystem({ sampling }: ModelTraits): boolean {
  return !sampling
}
