import type { UpstreamFailure } from '#src/core/adapter.ts'
import { arrayAt, isObject, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import type { UpstreamHead } from '#src/core/transport.ts'
import {
  looksLikeError,
  readErrorBody,
  readErrorValue,
  type ErrorShape,
} from '#providers/openai-compatible/error-shape.ts'
import { statusFromSigns } from '#providers/openai-compatible/error-signs.ts'
import { mapError } from '#providers/openai-compatible/map-error.ts'
import { redactKeys } from '#providers/openai-compatible/redact-keys.ts'

const NO_HEAD: UpstreamHead = { status: 200, headers: {} }

/** Reasons of Google's that mean the operator's key or project, whatever the status. */
const OURS = ['API_KEY_', 'ACCESS_TOKEN_', 'CONSUMER_', 'BILLING_', 'SERVICE_DISABLED']

/** A refusal of Google's. Never throws. */
export function decodeError(head: UpstreamHead, body: string): UpstreamFailure {
  return mapped(head, head.status, readErrorBody(body))
}

/** The error that an answer or an event of status 200 is; undefined: it is none. */
export function failureInside(value: JsonObject, event?: string): UpstreamFailure | undefined {
  if (event !== 'error' && !looksLikeError(value)) return undefined
  const shape = readErrorValue(value)
  return mapped(NO_HEAD, shape.status ?? statusFromSigns(shape), shape)
}

/** A candidate that ended without being an answer. What it would have said may come out right the next time. */
export function unfinished(raw: string, message: string | undefined): UpstreamFailure {
  return mapError(NO_HEAD, 502, {
    code: raw,
    message: message ?? `the upstream ended its answer with \`${raw}\``,
    more: {},
  })
}

/** An answer without a candidate, and without a word why. */
export function noCandidates(): UpstreamFailure {
  return mapError(NO_HEAD, 502, { message: 'the upstream gave an answer without candidates', more: {} })
}

function mapped(head: UpstreamHead, status: number, shape: ErrorShape): UpstreamFailure {
  const details = (arrayAt(shape.more, 'details') ?? []).filter(isObject)
  const reasons = details.map((detail) => stringAt(detail, 'reason') ?? '')
  if (reasons.some((reason) => OURS.some((prefix) => reason.startsWith(prefix))))
    return mapError(head, status, { ...shape, code: 'invalid_api_key' })
  const own = inWords(shape, details)
  if (status === 429) return tooMany(head, own, details)
  if (isTooLong(shape)) return mapError(head, status, { ...own, code: 'context_length_exceeded' })
  const known = mapError(head, status, own)
  // The place or the project does not let this model be asked: another target's may.
  return own.code === 'FAILED_PRECONDITION' && known.retry === 'no' ? { ...known, retry: 'next' } : known
}

/** The status as a word is the code that people look up; its number says nothing that the status does not. */
function inWords({ type, code, more, ...shape }: ErrorShape, details: readonly JsonObject[]): ErrorShape {
  const word = type ?? code
  const left = details.filter((detail) => !isInternal(detail))
  const rest = { ...more, ...(details.length > 0 && { details: left }) }
  return { ...shape, ...(word !== undefined && { code: word }), more: rest }
}

/** What Google writes for its own people quotes credentials and addresses. */
function isInternal(detail: JsonObject): boolean {
  return stringAt(detail, '@type')?.endsWith('google.rpc.DebugInfo') === true
}

/** `The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).` */
function isTooLong({ message = '' }: ErrorShape): boolean {
  return message.toLowerCase().includes('exceeds the maximum number of tokens')
}

/** Google says `you exceeded your current quota` of every limit, those of a minute too; only a day's is not worth waiting for. */
function tooMany(head: UpstreamHead, shape: ErrorShape, details: readonly JsonObject[]): UpstreamFailure {
  const { message, ...mute } = shape
  const known = mapError(head, 429, mute)
  const failure = message === undefined ? known.failure : { ...known.failure, message: redactKeys(message) }
  return { failure, retry: details.some(isOfDay) ? 'next' : known.retry }
}

function isOfDay(detail: JsonObject): boolean {
  return (arrayAt(detail, 'violations') ?? []).some(
    (one: Json) => stringAt(one, 'quotaId')?.includes('PerDay') === true,
  )
}

/** An error that stands in a stream without being an event of it: Vertex writes its JSON bare. */
export function bareError(bytes: Uint8Array, parse: (text: string) => Json | undefined): UpstreamFailure | undefined {
  const value = parse(new TextDecoder().decode(bytes))
  const error = Array.isArray(value) ? value.find((one: Json) => isObject(one)) : value
  return objectAt(error, 'error') && isObject(error) ? failureInside(error) : undefined
}
