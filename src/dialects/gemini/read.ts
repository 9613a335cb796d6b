import type { ReadContext } from '#src/core/dialect.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { invalid, objects, readBody, type Checks } from '../shared/read-request.ts'
import { camelObject } from './fields.ts'

const CONTENTS: Checks = [['contents', objects]]
const PREFIX = '/v1beta/models/'
const STREAM = ':streamGenerateContent'

/** `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`: model and streaming stand in the path. Throws FailureError. */
export function read(text: string, context: ReadContext): ApiRequest {
  const body = readBody(text, { required: CONTENTS, optional: [] })
  const { path = '' } = context
  const end = path.lastIndexOf(':')
  const model = path.slice(PREFIX.length, end < 0 ? undefined : end)
  if (!path.startsWith(PREFIX) || model === '') throw invalid('the path names no model', 'model')
  const stream = path.endsWith(STREAM)
  return {
    id: context.id,
    endpoint: 'geminiGenerate',
    text,
    body: camelObject(body),
    model,
    stream,
    wantsUsage: true,
    ...(stream && context.query?.get('alt') !== 'sse' && { array: true as const }),
    tags: context.tags,
    metadata: context.metadata,
    ...(context.timeoutMs !== undefined && { timeoutMs: context.timeoutMs }),
  }
}
