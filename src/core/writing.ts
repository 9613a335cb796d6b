import type { StreamPart } from './answer.ts'
import type { ToolCallPart } from './conversation.ts'

/**
 * How far the first choice of a stream has been written, for upstreams whose parts come one behind the other and that do not say where one
 * begins. A value; each step is pushed onto the list that it is given.
 */
export interface Writing {
  /** Parts that were started; the last of them is the open one. */
  readonly begun: number
  readonly open: 'text' | 'reasoning' | 'tool-call' | undefined
  /** Calls of tools that were started. */
  readonly calls: number
  /** Of the open call: no input has come, `{}` is what it amounts to. */
  readonly bare: boolean
}

export const NOTHING_WRITTEN: Writing = { begun: 0, open: undefined, calls: 0, bare: false }

/** More text or more of what the model thinks: of the open part, or of a new one. */
export function write(
  writing: Writing,
  said: { readonly type: 'text' | 'reasoning'; readonly text: string },
  parts: StreamPart[],
): Writing {
  const { type, text } = said
  if (text === '') return writing
  const next = writing.open === type ? writing : open(writing, type, parts)
  parts.push({ type: 'delta', choice: 0, index: next.begun - 1, text })
  return next
}

/** A call of a tool begins. */
export function writeCall(
  writing: Writing,
  { id, name }: Pick<ToolCallPart, 'id' | 'name'>,
  parts: StreamPart[],
): Writing {
  const { begun, calls } = closeWriting(writing, parts)
  parts.push({ type: 'part-start', choice: 0, index: begun, part: { type: 'tool-call', id, name, input: '' } })
  return { begun: begun + 1, open: 'tool-call', calls: calls + 1, bare: true }
}

/** More of the input of the open call; without one there is nothing that it belongs to. */
export function writeInput(writing: Writing, text: string, parts: StreamPart[]): Writing {
  if (text === '' || writing.open !== 'tool-call') return writing
  parts.push({ type: 'delta', choice: 0, index: writing.begun - 1, text })
  return writing.bare ? { ...writing, bare: false } : writing
}

/** Ends the open part. */
export function closeWriting(writing: Writing, parts: StreamPart[]): Writing {
  if (writing.open === undefined) return writing
  const index = writing.begun - 1
  if (writing.bare) parts.push({ type: 'delta', choice: 0, index, text: '{}' })
  parts.push({ type: 'part-end', choice: 0, index })
  return { ...writing, open: undefined, bare: false }
}

/** A text or a thought begins, before its first words. */
export function open(writing: Writing, type: 'text' | 'reasoning', parts: StreamPart[]): Writing {
  const { begun, calls } = closeWriting(writing, parts)
  parts.push({ type: 'part-start', choice: 0, index: begun, part: type === 'text' ? { type, text: '' } : { type } })
  return { begun: begun + 1, open: type, calls, bare: false }
}
