import type { Finish } from '#src/core/answer.ts'

const UNIFIED: ReadonlyMap<string, Finish['unified']> = new Map([
  ['COMPLETE', 'stop'],
  ['STOP_SEQUENCE', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['ERROR_LIMIT', 'length'],
  ['TOOL_CALL', 'tool_calls'],
  ['ERROR_TOXIC', 'content_filter'],
])
/** Cohere could not go on: no end of an answer. */
const BROKEN = new Set(['ERROR', 'TIMEOUT', 'USER_CANCEL'])

/** Why an answer ended; undefined: it did not end but fail. A word that nobody knows ends it all the same. */
export function finishOf(raw: string | undefined, calls: boolean): Finish | undefined {
  if (raw !== undefined && BROKEN.has(raw)) return undefined
  const unified = (raw === undefined ? undefined : UNIFIED.get(raw)) ?? 'stop'
  return { unified: unified === 'stop' && calls ? 'tool_calls' : unified, ...(raw !== undefined && { raw }) }
}
