/** A finish reason in OpenAI's words; `error` is not an end, `none` is not there yet. `raw` as it came. */
export interface FinishReason {
  readonly unified: 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'error' | 'none'
  readonly raw: string | undefined
}

const UNIFIED: ReadonlyMap<string, FinishReason['unified']> = new Map([
  ['', 'none'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_calls', 'tool_calls'],
  ['function_call', 'tool_calls'],
  ['tool_use', 'tool_calls'],
  ['content_filter', 'content_filter'],
  ['content_filtered', 'content_filter'],
  ['refusal', 'content_filter'],
  ['safety', 'content_filter'],
  ['sensitive', 'content_filter'],
  ['error', 'error'],
  ['network_error', 'error'],
  ['insufficient_system_resource', 'error'],
  ['malformed_function_call', 'error'],
])

/** What a finish reason means. A word that nobody knows ends the answer all the same: `stop`. */
export function mapFinishReason(value: unknown): FinishReason {
  if (typeof value !== 'string') return { unified: 'none', raw: undefined }
  return { unified: UNIFIED.get(value) ?? UNIFIED.get(value.toLowerCase()) ?? 'stop', raw: value }
}
