import type * as z from 'zod/mini'
import { badRequest } from '#src/core/failure.ts'
import type { Json } from '#src/core/json.ts'
import { didYouMean } from './nearest.ts'
import { formatPath } from './problem.ts'

/** Something of the file that came in a request. Throws FailureError 400 with `param`, for the first fault. */
export function readShape<Output>(schema: z.ZodMiniType<Output>, value: Json | undefined): Output {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = (issue?.path ?? []).map((part) => (typeof part === 'number' ? part : String(part)))
  if (issue?.code === 'unrecognized_keys') {
    const [field = ''] = issue.keys
    throw badRequest(
      `unknown field \`${field}\`${didYouMean(field, issue.message.split(' '))}`,
      formatPath([...path, field]),
    )
  }
  const at = formatPath(path)
  if (at === '') throw badRequest('the body must be a JSON object', null)
  throw badRequest(`\`${at}\`: expected ${issue?.message ?? 'something else'}`, at)
}
