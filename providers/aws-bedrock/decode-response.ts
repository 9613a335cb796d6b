import type { Answer } from '#src/core/answer.ts'
import type { Decoded } from '#src/core/codec.ts'
import { arrayAt, objectAt, stringAt, type JsonObject } from '#src/core/json.ts'
import { answeredTier } from '#src/core/service-tier.ts'
import { convertUsage } from './convert-usage.ts'
import { partOf } from './decode-blocks.ts'
import { finishOf } from './map-finish-reason.ts'
import { brokenAnswer, malformed } from './map-error.ts'

/** A whole answer of Converse's. Never throws. */
export function decodeConverse(value: JsonObject): Decoded {
  const message = objectAt(objectAt(value, 'output'), 'message')
  const reason = stringAt(value, 'stopReason')
  if (message === undefined || reason === undefined) return { failure: brokenAnswer() }
  const finish = finishOf(value, objectAt(value, 'trace'))
  if (finish === 'error') return { failure: malformed(reason) }
  const parts = (arrayAt(message, 'content') ?? []).flatMap((block) => partOf(block) ?? [])
  return { answer: { choices: [{ index: 0, parts, finish }], ...aroundOf(value) } }
}

/** Members that are read elsewhere, or that only the service itself needs (`p` is filler). */
const READ = new Set(['output', 'stopReason', 'usage', 'trace', 'serviceTier', 'additionalModelResponseFields', 'p'])

/** What stands beside the message: the same in an answer and in a stream's last event. */
export function aroundOf(value: JsonObject): Pick<Answer, 'usage' | 'serviceTier' | 'rest'> {
  const usage = objectAt(value, 'usage')
  const serviceTier = stringAt(objectAt(value, 'serviceTier'), 'type')
  const rest = Object.fromEntries(Object.entries(value).filter(([name]) => !READ.has(name)))
  return {
    ...(usage && { usage: { ...convertUsage(usage), ...answeredTier(serviceTier) } }),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(Object.keys(rest).length > 0 && { rest }),
  }
}
