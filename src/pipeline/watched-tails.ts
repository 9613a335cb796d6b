import type { StreamPart } from '#src/core/answer.ts'
import { guardedText } from '#src/core/guarded-text.ts'

/** Ends of the texts of a stream under way, as long as a word may be that has only begun. */
export interface Tails {
  /** What is said now; gives where each text that it belongs to ends by now, in UTF-16 units from its start. */
  add(said: readonly StreamPart[]): ReadonlyMap<string, number>
  /** Texts in which a word may stand that has not been looked for yet. */
  open(): readonly string[]
  /** Lets go of what no word can begin in any more. False: a text is stuffed with so much that nobody sees that its end is not to be found. */
  trim(): boolean
  /** Whether everything up to there has been let go of. */
  covers(ends: ReadonlyMap<string, number>): boolean
}

/** One text that grows. */
interface Tail {
  text: string
  /** Units before it that were let go of. */
  gone: number
  /** Nothing more comes. */
  over: boolean
}

/** Composed letters are read by what stands behind them: so many units more than a word stay. */
const SLACK = 8
/** UTF-16 units of one tail. */
const MOST_KEPT = 16_384

/** `longest`: units of the longest word, as guards read it. */
export function startTails(longest: number): Tails {
  const tails = new Map<string, Tail>()

  function grow({ key, text, whole }: Piece): number {
    const tail = tails.get(key) ?? { text: '', gone: 0, over: false }
    tails.set(key, tail)
    tail.text += text
    tail.over = whole === true
    return tail.gone + tail.text.length
  }

  return {
    add(said) {
      const ends = new Map<string, number>()
      for (const part of said) {
        for (const piece of piecesOf(part)) ends.set(piece.key, grow(piece))
        if (part.type !== 'part-end' && part.type !== 'finish') continue
        for (const [key, tail] of tails) if (isOf(key, part)) tail.over = true
      }
      return ends
    },
    open: () => [...tails.values()].flatMap(({ text }) => (text === '' ? [] : [text])),
    trim() {
      for (const tail of tails.values()) {
        const kept = tail.over ? '' : endOf(tail.text, longest + SLACK)
        tail.gone += tail.text.length - kept.length
        tail.text = kept
        if (kept.length > MOST_KEPT) return false
      }
      return true
    },
    covers: (ends) => [...ends].every(([key, end]) => (tails.get(key)?.gone ?? 0) >= end),
  }
}

/** The shortest end, or a few times that, that guards read as at least so many units. */
function endOf(text: string, least: number): string {
  for (let size = least; size < text.length; size *= 2) {
    const end = text.slice(-size)
    if (guardedText(end).length >= least) return end
  }
  return text
}

/** Text of a step of a stream, and to what it belongs. */
export interface Piece {
  readonly key: string
  readonly text: string
  /** Nothing goes on from it. */
  readonly whole?: true
}

function isOf(key: string, part: { readonly choice: number; readonly index?: number }): boolean {
  return key.startsWith(part.index === undefined ? `${part.choice}/` : `${part.choice}/${part.index}/`)
}

/** What a step says in words. */
export function piecesOf(part: StreamPart): readonly Piece[] {
  switch (part.type) {
    case 'part-start':
      return startOf(part)
    case 'delta':
      return [{ key: keyOf(part, ''), text: part.text }]
    case 'summary-delta':
      return [{ key: keyOf(part, `summary${part.entry}`), text: part.text }]
    case 'citation':
      return [{ key: keyOf(part, 'citation'), text: `${JSON.stringify(part.citation)}\n`, whole: true }]
    case 'rest':
      return [{ key: 'rest', text: `${JSON.stringify(part.rest)}\n`, whole: true }]
    default:
      return []
  }
}

function keyOf({ choice, index }: { readonly choice: number; readonly index: number }, name: string): string {
  return `${choice}/${index}/${name}`
}

/** What is known of a part at its start, before it grows. */
function startOf(step: Extract<StreamPart, { type: 'part-start' }>): readonly Piece[] {
  const { part } = step
  const begun = { key: keyOf(step, '') }
  switch (part.type) {
    case 'text':
    case 'refusal':
      return [{ ...begun, text: part.text }]
    case 'reasoning':
      return [
        { ...begun, text: part.text ?? '' },
        ...(part.summary ?? []).map((text, entry) => ({ key: keyOf(step, `summary${entry}`), text })),
      ]
    case 'tool-call':
      return [
        { ...begun, text: part.input },
        { key: keyOf(step, 'name'), text: part.name, whole: true },
      ]
    case 'opaque':
    case 'tool-result':
      return [{ ...begun, text: JSON.stringify(part), whole: true }]
    default:
      // Pictures and sounds are not looked into; their words come as deltas.
      return [{ ...begun, text: part.transcript ?? '' }]
  }
}
