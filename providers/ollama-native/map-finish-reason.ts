import type { Finish } from '#src/core/answer.ts'

/** `stop` (with calls too), `length`, and `load` or `unload` where there was nothing to answer. */
export function finishOf(raw: string | undefined, calls: boolean): Finish {
  const unified = raw === 'length' ? 'length' : calls ? 'tool_calls' : 'stop'
  return { unified, ...(raw !== undefined && raw !== '' && { raw }) }
}
