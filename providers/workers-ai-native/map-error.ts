import type { UpstreamFailure } from '#src/core/adapter.ts'
import { failure } from '#src/core/failure.ts'
import { numberAt, parseJson, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import type { UpstreamHead } from '#src/core/transport.ts'
import { readErrorBody, type ErrorShape } from '#providers/openai-compatible/error-shape.ts'
import { failureInside as inside, mapError } from '#providers/openai-compatible/map-error.ts'

/** Cloudflare's codes of errors in the words that are known: no such model, and the free tokens of a day are used up. */
const CODES: Readonly<Record<string, string>> = { 5007: 'model_not_found', 3036: 'insufficient_quota' }

/** A refusal: `{ success: false, errors: [{ code, message }] }`, to a binding `{ internalCode, description }`. Never throws. */
export function decodeError(head: UpstreamHead, body: string): UpstreamFailure {
  const shape = known(toBinding(parseJson(body)) ?? readErrorBody(body))
  return mapError(head, shape.code === 'insufficient_quota' ? 429 : head.status, shape)
}

/** An error inside a 200; undefined: it is none. */
export function failureInside(value: JsonObject, event?: string): UpstreamFailure | undefined {
  return inside(value, event)
}

/** An answer with nothing in it: some models give one where a stream was asked for. */
export function noResult(): UpstreamFailure {
  const message = 'the upstream gave an answer without a result'
  return { failure: failure('upstream_error', message), retry: 'next', why: message }
}

function toBinding(value: Json | undefined): ErrorShape | undefined {
  const [code, message] = [numberAt(value, 'internalCode'), stringAt(value, 'description')]
  return code === undefined ? undefined : { code: String(code), ...(message !== undefined && { message }), more: {} }
}

function known(shape: ErrorShape): ErrorShape {
  const code = shape.code !== undefined && Object.hasOwn(CODES, shape.code) ? CODES[shape.code] : undefined
  return code === undefined ? shape : { ...shape, code }
}
