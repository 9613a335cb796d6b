import type { Finish } from '#src/core/answer.ts'
import { stringAt, type JsonObject } from '#src/core/json.ts'

/**
 * Why a candidate ended. `broken`: what it said is not what it meant to say, which is no end. `nothing`: no end either where nothing was said;
 * else it stopped. Gemini writes STOP behind calls of tools too.
 */
export type Ended = Finish['unified'] | 'broken' | 'nothing'

const REASONS: ReadonlyMap<string, Ended> = new Map([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['CONTINUATION', 'pause'],
  ['SAFETY', 'content_filter'],
  ['RECITATION', 'content_filter'],
  ['BLOCKLIST', 'content_filter'],
  ['PROHIBITED_CONTENT', 'content_filter'],
  ['SPII', 'content_filter'],
  ['MODEL_ARMOR', 'content_filter'],
  ['IMAGE_SAFETY', 'content_filter'],
  ['IMAGE_PROHIBITED_CONTENT', 'content_filter'],
  ['IMAGE_RECITATION', 'content_filter'],
  ['MALFORMED_FUNCTION_CALL', 'broken'],
  ['MALFORMED_RESPONSE', 'broken'],
  ['UNEXPECTED_TOOL_CALL', 'broken'],
  ['TOO_MANY_TOOL_CALLS', 'broken'],
  ['MISSING_THOUGHT_SIGNATURE', 'broken'],
  ['OTHER', 'nothing'],
  ['LANGUAGE', 'nothing'],
  ['NO_IMAGE', 'nothing'],
  ['IMAGE_OTHER', 'nothing'],
  ['ESCALATION', 'nothing'],
  ['PUP_LIMITED_DISABLED', 'nothing'],
])

/** As the upstream writes it; undefined: there is none yet. */
export function rawReason(candidate: JsonObject): string | undefined {
  const raw = stringAt(candidate, 'finishReason')
  return raw === '' || raw === 'FINISH_REASON_UNSPECIFIED' ? undefined : raw
}

/** What a reason means. A word that nobody knows ends the answer all the same: `stop`. */
export function mapFinishReason(raw: string): Ended {
  return REASONS.get(raw) ?? 'stop'
}
