import type { Finish } from '#src/core/answer.ts'
import { objectAt, stringAt, type JsonObject } from '#src/core/json.ts'

const UNIFIED: ReadonlyMap<string, Finish['unified']> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'content_filter'],
  ['pause_turn', 'pause'],
])

/** Why a message ended, from the object that says so; undefined: it has not. A word that nobody knows ends it all the same. */
export function finishOf(owner: JsonObject | undefined): Finish | undefined {
  const raw = stringAt(owner, 'stop_reason')
  if (raw === undefined) return undefined
  const sequence = stringAt(owner, 'stop_sequence')
  const details = objectAt(owner, 'stop_details')
  return {
    unified: UNIFIED.get(raw) ?? 'stop',
    raw,
    ...(sequence !== undefined && { stopSequence: sequence }),
    ...(details && { safety: details }),
  }
}
