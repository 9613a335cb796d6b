import type { Finish } from '#src/core/answer.ts'
import { objectAt, stringAt, type JsonObject } from '#src/core/json.ts'

const UNIFIED: Readonly<Record<string, Finish['unified'] | 'error'>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  guardrail_intervened: 'content_filter',
  content_filtered: 'content_filter',
  refusal: 'content_filter',
  pause_turn: 'pause',
  malformed_model_output: 'error',
  malformed_tool_use: 'error',
}

/** Why an answer ended; `error`: the model wrote something that is no answer. A word that nobody knows ends it all the same. */
export function finishOf(value: JsonObject | undefined, trace: JsonObject | undefined): Finish | 'error' {
  const raw = stringAt(value, 'stopReason')
  const unified = raw === undefined ? 'stop' : Object.hasOwn(UNIFIED, raw) ? UNIFIED[raw] : undefined
  if (unified === 'error') return unified
  const own = objectAt(value, 'additionalModelResponseFields')
  const stopSequence = stringAt(objectAt(own, 'delta'), 'stop_sequence') ?? stringAt(own, 'stop_sequence')
  const safety = safetyOf(trace)
  return {
    unified: unified ?? 'stop',
    ...(raw !== undefined && { raw }),
    ...(stopSequence !== undefined && { stopSequence }),
    ...(safety && { safety }),
  }
}

/** What a guardrail found. What the model wrote before it was masked is not passed on: masking it was the point. */
function safetyOf(trace: JsonObject | undefined): JsonObject | undefined {
  const guardrail = objectAt(trace, 'guardrail')
  if (!guardrail) return undefined
  const { modelOutput: _modelOutput, ...rest } = guardrail
  return rest
}
