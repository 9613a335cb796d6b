import type { ReadContext } from '#src/core/dialect.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { modelOf } from '../shared/read-named.ts'
import { invalid, object, readBody, type Check } from '../shared/read-request.ts'
import { memberOf } from './spelling.ts'

/** An array, or the one element that stands for it. */
const list: Check = (value) => (Array.isArray(value) ? undefined : object(value) === undefined ? undefined : 'an array')

const STREAM = ':streamGenerateContent'

const SHAPE = {
  required: [['contents', list]],
  optional: [
    ['systemInstruction', object],
    ['system_instruction', object],
    ['tools', list],
    ['toolConfig', object],
    ['tool_config', object],
    ['generationConfig', object],
    ['generation_config', object],
  ],
} as const

/** Names are logged, counted and sent back in headers, in UTF-16 units. */
const MAX_MODEL = 1024

/** `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`: model and action stand in the path. Throws FailureError. */
export function read(text: string, context: ReadContext): ApiRequest {
  const { path = '' } = context
  const model = modelOf(path)
  if (model === '') throw invalid('the path names no model', 'model')
  if (model.length > MAX_MODEL) throw invalid(`the model's name is longer than ${MAX_MODEL} characters`, 'model')
  const body = readBody(text, SHAPE)
  checkCounts(memberOf(body, 'generationConfig'))
  const stream = path.endsWith(STREAM)
  return {
    id: context.id,
    endpoint: 'geminiGenerate',
    text,
    body,
    model,
    stream,
    wantsUsage: true,
    ...(stream && context.query?.get('alt') !== 'sse' && { array: true }),
    tags: context.tags,
    metadata: context.metadata,
    ...(context.timeoutMs === undefined ? {} : { timeoutMs: context.timeoutMs }),
  }
}

/** The numbers that a hold is worked out from. */
function checkCounts(config: Parameters<typeof memberOf>[0]): void {
  for (const name of ['maxOutputTokens', 'candidateCount']) {
    const value = memberOf(config, name)
    if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)) continue
    throw invalid(`invalid value for \`generationConfig.${name}\`: expected an integer`, `generationConfig.${name}`)
  }
}
