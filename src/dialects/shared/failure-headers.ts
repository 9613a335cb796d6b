import type { Failure } from '#src/core/failure.ts'

/** The headers of an error answer, whatever its dialect: how long to wait, whether to try again, what the upstream said. */
export function failureHeaders({ retryAfterMs, shouldRetry, upstreamStatus }: Failure): Record<string, string> {
  return {
    'content-type': 'application/json',
    ...(retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(Math.max(0, retryAfterMs) / 1000)) }),
    ...(shouldRetry !== undefined && { 'x-should-retry': String(shouldRetry) }),
    ...(upstreamStatus !== undefined && { 'x-tutti-upstream-status': String(upstreamStatus) }),
  }
}
