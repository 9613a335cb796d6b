import type { ErrorShape } from './error-shape.ts'

const OVERFLOW_CODES = new Set([
  'context_length_exceeded',
  'context_window_exceeded',
  'exceed_context_size_error',
  'model_max_prompt_tokens_exceeded',
  'max_prompt_tokens_exceeded',
  'input_too_long',
  '1261',
])
/** How vendors say that a prompt is too long for a model; each from a recorded or documented error. */
const OVERFLOW_WORDS = [
  'maximum context length',
  'max context length',
  'context window',
  'available context size',
  'maximum prompt length',
  'prompt too long',
  'prompt is too long',
  'input is too long',
  'prompt exceeds max length',
  'range of input length should be',
  'reduce the length of the messages',
  'must have less than',
  'max_tokens must be at least 1, got -',
  'token limit reached',
]
const QUOTA_WORDS = new Set([
  'insufficient_quota',
  'credit_balance_exhausted',
  'billing_hard_limit_reached',
  'credit_balance_too_low',
])
const QUOTA_PHRASES = [
  'exceeded your current quota',
  'insufficient balance',
  'insufficient credits',
  'spending limit',
  'out of credits',
]
const WRONG_KEY = ['incorrect api key', 'invalid api key', 'api key not valid', 'invalid api-key', 'api key is invalid']
const UNKNOWN_MODEL = new Set([
  'model_not_found',
  'invalid_model',
  'deploymentnotfound',
  'model_not_available',
  'model_decommissioned',
])

/** The prompt does not fit this model; another one may be larger. */
export function isOverflow(shape: ErrorShape): boolean {
  return signs(shape).some((sign) => OVERFLOW_CODES.has(sign)) || says(shape, OVERFLOW_WORDS)
}

/** The account has no money left: waiting does not help. */
export function isOutOfQuota(shape: ErrorShape): boolean {
  return signs(shape).some((sign) => QUOTA_WORDS.has(sign)) || says(shape, QUOTA_PHRASES)
}

/** Some say it with a 400: the credential is ours to mend, and their message shows a part of it. */
export function isWrongKey(shape: ErrorShape): boolean {
  return signs(shape).includes('invalid_api_key') || says(shape, WRONG_KEY)
}

/** The target has no such model; another target may. */
export function isUnknownModel(shape: ErrorShape): boolean {
  return signs(shape).some((sign) => UNKNOWN_MODEL.has(sign))
}

/** The status that an error without one stands for, from its own words; 502 where they say nothing. */
export function statusFromSigns(shape: ErrorShape): number {
  const all = signs(shape).join(' ')
  if (all.includes('rate_limit') || isOutOfQuota(shape)) return 429
  if (all.includes('overloaded') || all.includes('unavailable')) return 503
  if (all.includes('not_found')) return 404
  if (all.includes('authentication') || isWrongKey(shape)) return 401
  if (all.includes('permission')) return 403
  if (all.includes('invalid_request') || isOverflow(shape)) return 400
  if (all.includes('server_error') || all.includes('internal')) return 500
  return 502
}

function signs({ code, type }: ErrorShape): readonly string[] {
  return [code, type].flatMap((sign) => (sign === undefined ? [] : [sign.toLowerCase()]))
}

function says({ message = '' }: ErrorShape, phrases: readonly string[]): boolean {
  const text = message.toLowerCase()
  return phrases.some((phrase) => text.includes(phrase))
}
