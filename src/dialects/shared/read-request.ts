import type { ReadContext } from '#src/core/dialect.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { failure, FailureError } from '#src/core/failure.ts'
import { countMembers, isObject, objectAt, parseJson, type Json, type JsonObject } from '#src/core/json.ts'
import { locateJsonError } from '#src/core/json-locate.ts'
import { findTwice, scanObject } from '#src/core/json-scan.ts'
import type { ApiRequest } from '#src/core/request.ts'

/** A field's check: undefined when it is as it must be, else what it must be. Null counts as absent, as it does for OpenAI. */
export type Check = (value: Json) => string | undefined

/** In pairs: they are walked for every request. */
export type Checks = readonly (readonly [name: string, check: Check])[]

export interface Shape {
  readonly endpoint: Endpoint
  /** Fields without which there is nothing to do. */
  readonly required: Checks
  /** Fields that tutti reads. All others travel, and the upstream judges them. */
  readonly optional: Checks
}

/** Nesting beyond this is 400: a request has use for perhaps ten levels. */
const MAX_DEPTH = 64

/** The APIs have some forty; a million of them would cost seconds of everybody's time. */
const MAX_MEMBERS = 1024

/** Names are logged, counted and sent back in headers: none that anybody gave a model comes near this, in UTF-16 units. */
export const MAX_MODEL = 1024

/**
 * A request's text as a request. Throws FailureError `invalid_request_error` with `param` for text that is not a JSON object, duplicate
 * members, nesting over 64, and fields of this shape that are missing or of the wrong type.
 */
export function readRequest(text: string, context: ReadContext, shape: Shape): ApiRequest {
  const body = readObject(text)
  const model = readModel(body)
  checkFields(body, shape)
  return {
    id: context.id,
    endpoint: shape.endpoint,
    text,
    body,
    model,
    stream: shape.endpoint !== 'embeddings' && body['stream'] === true,
    wantsUsage: objectAt(body, 'stream_options')?.['include_usage'] === true,
    tags: context.tags,
    metadata: context.metadata,
    ...(context.timeoutMs === undefined ? {} : { timeoutMs: context.timeoutMs }),
  }
}

/** The name of the model that a body asks for. Throws FailureError 400. */
export function readModel(body: JsonObject): string {
  const model = body['model']
  if (typeof model !== 'string' || model === '') throw invalid(missingOr(model, 'model', 'a name'), 'model')
  if (model.length > MAX_MODEL) throw invalid(`\`model\` is longer than ${MAX_MODEL} characters`, 'model')
  return model
}

/** A request's text as an object whose fields are what they must be. As `readRequest`, for dialects that name the model elsewhere. */
export function readBody(text: string, shape: Checked): JsonObject {
  const body = readObject(text)
  checkFields(body, shape)
  return body
}

type Checked = Pick<Shape, 'required' | 'optional'>

/** Throws FailureError 400 for a field of this shape that is missing or of the wrong type. */
export function checkFields(body: JsonObject, shape: Checked): void {
  for (const [name, check] of shape.required) {
    const value = body[name]
    if (value === undefined || value === null) throw invalid(`missing required parameter: \`${name}\``, name)
    checkField(name, value, check)
  }
  for (const [name, check] of shape.optional) {
    const value = body[name]
    if (value !== undefined && value !== null) checkField(name, value, check)
  }
}

/** A 400 that names the field. */
export function invalid(message: string, param: string | null): FailureError {
  return new FailureError(failure('invalid_request_error', message, { param }))
}

export const boolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'a boolean')
export const object: Check = (value) => (isObject(value) ? undefined : 'an object')
export const array: Check = (value) => (Array.isArray(value) ? undefined : 'an array')
export const stringOrArray: Check = (value) =>
  typeof value === 'string' || Array.isArray(value) ? undefined : 'a string or an array'

/** A whole number, at least `least`. */
export function integer(least: number): Check {
  return (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least
      ? undefined
      : `an integer of at least ${least}`
}

/** One of these words. */
export function oneOf(...words: readonly string[]): Check {
  return (value) =>
    typeof value === 'string' && words.includes(value) ? undefined : words.map((word) => `\`${word}\``).join(' or ')
}

/** `stream_options`: an object whose `include_usage`, where written, is a boolean. */
export const streamOptions: Check = (value) => {
  if (!isObject(value)) return 'an object'
  const asked = value['include_usage']
  return asked === undefined || asked === null || typeof asked === 'boolean'
    ? undefined
    : 'an object whose `include_usage` is a boolean'
}

/** An array with something in it, all of it objects. */
export const objects: Check = (value) =>
  Array.isArray(value) && value.length > 0 && value.every(isObject) ? undefined : 'an array of at least one object'

function readObject(text: string): JsonObject {
  const body = parseJson(text)
  if (body === undefined) throw invalid(notJson(text), null)
  if (!isObject(body)) throw invalid(`the body must be a JSON object, got ${kindOf(body)}`, null)
  if (Object.keys(body).length > MAX_MEMBERS) throw invalid(`the body has more than ${MAX_MEMBERS} members`, null)
  const fields = scanObject(text)
  const deep = fields.find(({ depth }) => depth >= MAX_DEPTH)
  if (deep) throw invalid(`\`${deep.key}\` is nested deeper than ${MAX_DEPTH} levels`, deep.key)
  // Rules read the last of two members with one name, an upstream may read the first.
  if (fields.reduce((sum, { members }) => sum + 1 + members, 0) !== countMembers(body)) throw twice(text)
  return body
}

function twice(text: string): FailureError {
  const path = findTwice(text, text.indexOf('{')) ?? null
  return invalid(`\`${path}\` is there more than once`, path)
}

function notJson(text: string): string {
  if (text === '') return 'the body is empty; a JSON object is expected'
  const error = locateJsonError(text)
  if (error === undefined) return 'the body is not JSON'
  return `the body is not JSON: expected ${error.expected} at line ${error.line}, column ${error.column}`
}

function checkField(name: string, value: Json, check: Check): void {
  const wanted = check(value)
  if (wanted !== undefined)
    throw invalid(`invalid value for \`${name}\`: expected ${wanted}, got ${kindOf(value)}`, name)
}

function missingOr(value: Json | undefined, name: string, wanted: string): string {
  if (value === undefined || value === null) return `missing required parameter: \`${name}\``
  return `invalid value for \`${name}\`: expected ${wanted}, got ${kindOf(value)}`
}

function kindOf(value: Json): string {
  if (value === null) return 'null'
  if (value === '') return 'an empty string'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array'
  if (typeof value === 'number') return `\`${value}\``
  if (typeof value === 'string') return value.length <= 40 ? `the text \`${value}\`` : 'a text'
  return typeof value === 'object' ? 'an object' : `\`${value}\``
}
