import type { Finish } from '#src/core/answer.ts'
import { arrayAt, stringAt, type JsonObject } from '#src/core/json.ts'

/** Why an answer ended (`length`, `stop`, `tool_calls`), and what the filters found; undefined: it says nothing of an end. */
export function finishOf(result: JsonObject, calls: boolean): Finish | undefined {
  const raw = stringAt(result, 'finishReason')
  if (raw === undefined || raw === '') return undefined
  const safety = arrayAt(result, 'aiFilter')
  return {
    unified: raw === 'length' ? 'length' : raw === 'tool_calls' || calls ? 'tool_calls' : 'stop',
    raw,
    ...(safety && { safety }),
  }
}
