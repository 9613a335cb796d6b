import type { UpstreamFailure } from '#src/core/adapter.ts'
import { isObject, parseJson, stringAt, type Json } from '#src/core/json.ts'
import type { UpstreamHead } from '#src/core/transport.ts'
import { readErrorBody, type ErrorShape } from '#providers/openai-compatible/error-shape.ts'
import { brokenEvent, mapError } from '#providers/openai-compatible/map-error.ts'

/** What AWS's exceptions mean, by their names in lower case without `exception`; the names say more than their statuses. */
const STATUS: Readonly<Record<string, number>> = {
  accessdenied: 403,
  expiredtoken: 403,
  incompletesignature: 403,
  internalfailure: 500,
  internalserver: 500,
  invalidclienttokenid: 403,
  invalidsignature: 403,
  missingauthenticationtoken: 403,
  // The model's own host failed.
  modelerror: 502,
  modelnotready: 503,
  modelstreamerror: 502,
  modeltimeout: 504,
  optinrequired: 403,
  resourcenotfound: 404,
  servicequotaexceeded: 429,
  serviceunavailable: 503,
  signaturedoesnotmatch: 403,
  throttling: 429,
  toomanyrequests: 429,
  unrecognizedclient: 403,
  validation: 400,
}

/** How it says that there is no such model here, each from a recorded refusal. */
const UNKNOWN_MODEL = ['model identifier is invalid', 'with on-demand throughput', 'end of its life']

/** A refusal of Bedrock's: `{ message }` or `{ Message }`, the exception's name in a header or in the body. Never throws. */
export function decodeError(head: UpstreamHead, body: string): UpstreamFailure {
  const value = parseJson(body)
  const name = head.headers['x-amzn-errortype'] ?? stringAt(value, '__type') ?? stringAt(value, 'XAmznErrorType') ?? ''
  return failureOf(head, { name, status: head.status, shape: readShape(value, body) })
}

/** An exception in the middle of a stream. */
export function exceptionInside(name: string, payload: string): UpstreamFailure {
  const shape = readShape(parseJson(payload), payload)
  return failureOf({ status: 200, headers: {} }, { name, status: 502, shape })
}

/** An answer or an event that is not as Converse's are. */
export function brokenAnswer(): UpstreamFailure {
  return brokenEvent('')
}

/** The model wrote a call or an answer that the service cannot read: another try may do better. */
export function malformed(reason: string): UpstreamFailure {
  const message = `the upstream ended its answer with \`${reason}\``
  return mapError({ status: 200, headers: {} }, 502, { message, more: {} })
}

interface Known {
  readonly name: string
  readonly status: number
  readonly shape: ErrorShape
}

function failureOf(head: UpstreamHead, { name, status, shape }: Known): UpstreamFailure {
  const key = keyOf(name)
  const known = Object.hasOwn(STATUS, key) ? STATUS[key] : undefined
  // 424: what Bedrock itself depends on failed.
  const meant = known ?? (status === 424 ? 502 : status)
  const message = shape.message?.toLowerCase() ?? ''
  const code = meant === 404 || UNKNOWN_MODEL.some((words) => message.includes(words)) ? 'model_not_found' : undefined
  return mapError(head, meant, code === undefined ? shape : { ...shape, code })
}

/** `ValidationException:http://internal…`, `com.amazonaws.bedrockruntime#ValidationException`, `validationException`: `validation`. */
function keyOf(name: string): string {
  const [plain = ''] = (name.split('#').at(-1) ?? '').split(':')
  const lower = plain.toLowerCase()
  return lower.endsWith('exception') ? lower.slice(0, -'exception'.length) : lower
}

function readShape(value: Json | undefined, body: string): ErrorShape {
  const capital = isObject(value) && typeof value['message'] !== 'string' ? stringAt(value, 'Message') : undefined
  return capital === undefined ? readErrorBody(body) : { message: capital, more: {} }
}
