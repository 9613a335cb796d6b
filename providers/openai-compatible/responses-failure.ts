import type { UpstreamFailure } from '#src/core/adapter.ts'
import { isObject, objectAt, stringAt, type JsonObject } from '#src/core/json.ts'
import { failureInside } from './map-error.ts'

/** The failure that a response is, whole or in an event: its `error`, or a status that means one. */
export function failedResponse(response: JsonObject): UpstreamFailure | undefined {
  const status = stringAt(response, 'status')
  if (isObject(response['error'])) return failureInside({ error: response['error'] }, 'error')
  if (status !== 'failed' && status !== 'cancelled')
    return response['object'] === 'response' ? undefined : failureInside(response, undefined)
  return failureInside({ error: { message: `the upstream ended its answer with \`${status}\`` } }, 'error')
}

/** The failure that an event reports. */
export function failedEvent(event: JsonObject): UpstreamFailure | undefined {
  const type = stringAt(event, 'type')
  if (type === 'error' || isObject(event['error'])) {
    const { type: _type, ...flat } = event
    return failureInside(isObject(event['error']) ? event : { error: flat }, 'error')
  }
  return type === 'response.failed' ? failedResponse({ status: 'failed', ...objectAt(event, 'response') }) : undefined
}
