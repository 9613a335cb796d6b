import type { StreamPart, TokenLogprob } from '#src/core/answer.ts'
import { guardedText } from '#src/core/guarded-text.ts'

/** Ends of the texts of a stream under way, as long as a word may be that has only begun. */
export interface Tails {
  /** What is said now; gives where each text that it belongs to ends by now. */
  add(said: readonly StreamPart[]): Ends
  /** Texts that have grown, in which a word may stand that has not been looked for yet. */
  open(): readonly string[]
  /** Lets go of what no word can begin in any more. False: a text is stuffed with so much that nobody sees that its end is not to be found. */
  trim(): boolean
  /** Whether everything up to there has been let go of. */
  covers(ends: Ends): boolean
}

/** In UTF-16 units from the start of each text. */
export type Ends = ReadonlyMap<Tail, number>

/** One text that grows. */
interface Tail {
  /** What a word may begin in, or may have begun in. */
  text: string
  /** Units up to the end of `text`, and those that were let go of. */
  end: number
  gone: number
  /** Nothing more comes, as far as is known. */
  over: boolean
}

/** Composed letters are read by what stands behind them: so many units more than a word stay. */
const SLACK = 8
/** UTF-16 units of one tail. */
const MOST_KEPT = 16_384

/** `longest`: units of the longest word, as guards read it. */
export function startTails(longest: number): Tails {
  const tails = new Map<string, Tail>()
  // Only these are looked at: a step costs what it says, however many texts are open.
  const grown = new Set<Tail>()
  const piecesOf = startPieces()

  function grow({ key, text, whole }: Piece): readonly [Tail, number] {
    const tail = tails.get(key) ?? { text: '', end: 0, gone: 0, over: false }
    tails.set(key, tail)
    tail.text += text
    tail.end += text.length
    tail.over = whole === true
    grown.add(tail)
    return [tail, tail.end]
  }

  function end({ choice, ...part }: Ending): void {
    const own = part.type === 'finish' ? `${choice}/` : keyOf({ choice, index: part.index }, '')
    for (const [key, tail] of tails) {
      if (!key.startsWith(own) && !isJoint(key, choice)) continue
      tail.over = true
      grown.add(tail)
      if (key.startsWith(own)) tails.delete(key)
    }
  }

  return {
    add(said) {
      const ends = new Map<Tail, number>()
      for (const part of said) {
        for (const piece of piecesOf(part)) ends.set(...grow(piece))
        if (part.type === 'part-end' || part.type === 'finish') end(part)
      }
      return ends
    },
    open: () => [...grown].map(({ text }) => text),
    trim() {
      for (const tail of grown) {
        tail.text = endOf(tail.text, longest + SLACK)
        tail.gone = Math.max(tail.gone, tail.over ? tail.end : tail.end - tail.text.length)
        if (tail.text.length > MOST_KEPT) return false
      }
      grown.clear()
      return true
    },
    covers: (ends) => [...ends].every(([{ gone }, due]) => gone >= due),
  }
}

const JOINT = ['text', 'reasoning'] as const

function jointOf(choice: number, type: (typeof JOINT)[number]): string {
  return `${choice} ${type}`
}

function isJoint(key: string, choice: number): boolean {
  return JOINT.some((type) => key === jointOf(choice, type))
}

type Ending = Extract<StreamPart, { readonly type: 'part-end' | 'finish' }>

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

/**
 * What steps say in words, asked of one after the other. A text and a thought go on where others of their kind come behind them: callers may be
 * given all of them as one.
 */
export function startPieces(): (part: StreamPart) => readonly Piece[] {
  const joints = new Map<string, string>()

  function joined(own: Piece): readonly Piece[] {
    const joint = joints.get(own.key)
    return joint === undefined ? [own] : [own, { key: joint, text: own.text }]
  }

  return (part) => {
    switch (part.type) {
      case 'part-start': {
        const [own, ...others] = startOf(part)
        const { type } = part.part
        if (type === 'text' || type === 'reasoning') joints.set(own.key, jointOf(part.choice, type))
        return [...joined(own), ...others]
      }
      case 'delta':
        return joined({ key: keyOf(part, ''), text: part.text })
      case 'summary-delta':
        return [{ key: keyOf(part, `summary${part.entry}`), text: part.text }]
      case 'citation':
        return [{ key: keyOf(part, 'citation'), text: `${JSON.stringify(part.citation)}\n`, whole: true }]
      case 'logprobs':
        return [{ key: 'logprobs', text: tokensOf(part.logprobs), whole: true }]
      case 'rest':
        return [{ key: 'rest', text: `${JSON.stringify(part.rest)}\n`, whole: true }]
      default:
        return []
    }
  }
}

/** Each by itself: one may be all of a word. */
function tokensOf(logprobs: readonly TokenLogprob[]): string {
  const tokens = logprobs.flatMap(({ token, top = [] }) => [token, ...top.map((other) => other.token)])
  return `${tokens.join('\n')}\n`
}

function keyOf({ choice, index }: { readonly choice: number; readonly index: number }, name: string): string {
  return `${choice}/${index}/${name}`
}

/** What is known of a part at its start, before it grows. */
function startOf(step: Extract<StreamPart, { type: 'part-start' }>): readonly [Piece, ...Piece[]] {
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
