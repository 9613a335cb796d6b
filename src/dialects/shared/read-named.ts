import type { ReadContext } from '#src/core/dialect.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { invalid, readBody, type Checks } from './read-request.ts'

const COLLECTION = '/v1beta/models/'

/** The model that a path of Google's names: it may hold slashes and colons, the action stands behind the last one. */
export function modelOf(path: string): string {
  const at = path.lastIndexOf(':')
  return path.startsWith(COLLECTION) && at > COLLECTION.length ? path.slice(COLLECTION.length, at) : ''
}

/** A request of one of Google's that has one answer. Throws FailureError. */
export function readNamed(
  text: string,
  context: ReadContext,
  { endpoint, required }: { readonly endpoint: Endpoint; readonly required: Checks },
): ApiRequest {
  const model = modelOf(context.path ?? '')
  if (model === '') throw invalid('the path names no model', 'model')
  return {
    id: context.id,
    endpoint,
    text,
    body: readBody(text, { required, optional: [] }),
    model,
    stream: false,
    wantsUsage: true,
    tags: context.tags,
    metadata: context.metadata,
    ...(context.timeoutMs !== undefined && { timeoutMs: context.timeoutMs }),
  }
}
