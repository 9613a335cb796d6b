import type { RenderedFailure } from '#src/core/dialect.ts'
import type { Failure } from '#src/core/failure.ts'
import type { JsonObject } from '#src/core/json.ts'
import { failureHeaders } from '../shared/failure-headers.ts'

/** Google's word for a status (google.rpc.Code by its HTTP mapping). */
const STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  413: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

/** A failure as Google writes it. */
export function renderFailure(failure: Failure): RenderedFailure {
  return { status: failure.status, headers: failureHeaders(failure), body: errorText(failure) }
}

/** The JSON text of a failure. What tutti knows beyond Google's members stands among the details, as google.rpc writes it. */
export function errorText({ status, message, code, param, retryAfterMs, details = {} }: Failure): string {
  const info: JsonObject = {
    ...(code !== null && { code }),
    ...(typeof param === 'string' && { param }),
    ...Object.fromEntries(
      Object.entries(details).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
    ),
  }
  const all: JsonObject[] = []
  if (Object.keys(info).length > 0)
    all.push({
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: code ?? 'error',
      domain: 'tutti',
      metadata: info,
    })
  if (retryAfterMs !== undefined)
    all.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${Math.ceil(retryAfterMs / 1000)}s` })
  const word = STATUS[status] ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT')
  return JSON.stringify({ error: { code: status, message, status: word, ...(all.length > 0 && { details: all }) } })
}
