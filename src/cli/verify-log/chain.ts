import { NO_LINE, type Link } from '#src/core/sealed-line.ts'
import type { Place, Problem, ProblemKind } from './problem.ts'

/** One line of a chain, read. */
export interface ChainLine extends Link {
  readonly place: Place
  readonly hash: string
  /** Whether its bytes have the hash that it carries. */
  readonly intact: boolean
  readonly time?: string | undefined
  /** `start`, `epoch`, `end`; a decision has none. */
  readonly event?: string | undefined
}

/** What is known of one instance's lines so far. */
export interface Chain {
  readonly instance: string
  /** All of them, those behind the first problem too. */
  lines: number
  firstTime: string | undefined
  lastTime: string | undefined
  /** Of the first and the last line that hold. */
  firstSeq: number | undefined
  head: { readonly seq: number; readonly hash: string } | undefined
  closed: boolean
  /** The first one; the lines behind it are not judged. */
  problem: Problem | undefined
  /** Lines that had not come when `problem` was found: from this one to the one before its own. */
  missing: { readonly from: number; readonly to: number } | undefined
}

export function createChain(instance: string): Chain {
  return {
    instance,
    lines: 0,
    firstTime: undefined,
    lastTime: undefined,
    firstSeq: undefined,
    head: undefined,
    closed: false,
    problem: undefined,
    missing: undefined,
  }
}

/** Takes the next line of a chain. `fromMiddle`: its first line may be any, because a log before this one was put away. */
export function extend(chain: Chain, line: ChainLine, fromMiddle: boolean): void {
  chain.lines++
  if (line.time !== undefined) {
    chain.firstTime ??= line.time
    chain.lastTime = line.time
  }
  if (chain.problem) return findMissing(chain, line)
  const wrong = wrongWith(chain, line, fromMiddle)
  if (wrong) {
    chain.problem = { ...line.place, kind: wrong[0], message: wrong[1] }
    return
  }
  chain.firstSeq ??= line.seq
  chain.head = { seq: line.seq, hash: line.hash }
  chain.closed = line.event === 'end'
}

/** A line that comes after all was not missing: it stands in another place. */
function findMissing(chain: Chain, { seq, intact }: ChainLine): void {
  const { problem, missing } = chain
  if (!problem || !missing || !intact || seq < missing.from || seq > missing.to) return
  chain.problem = { ...problem, kind: 'reordered', message: `it stands before seq ${seq}` }
  chain.missing = undefined
}

type Wrong = readonly [ProblemKind, string]

function wrongWith(chain: Chain, line: ChainLine, fromMiddle: boolean): Wrong | undefined {
  const { head, closed } = chain
  const { seq, prev, intact } = line
  if (!intact) return ['changed', 'its bytes do not have the hash that it carries']
  if (!head && fromMiddle && seq > 0) return undefined
  const expected = head ? head.seq + 1 : 0
  if (seq < expected) return repeated(chain, line)
  if (closed) return ['after_end', 'the chain goes on after its `end`']
  if (seq > expected) {
    chain.missing = { from: expected, to: seq - 1 }
    return ['missing', missingText(expected, seq - 1)]
  }
  if (prev === (head?.hash ?? NO_LINE)) return undefined
  return [
    'foreign',
    head ? `its \`prev\` is not the hash of seq ${head.seq}` : 'its `prev` is not that of a first line',
  ]
}

function repeated({ firstSeq = 0 }: Chain, { seq }: ChainLine): Wrong {
  if (seq < firstSeq) return ['reordered', `it stands after seq ${firstSeq}`]
  return ['duplicated', `seq ${seq} stands here a second time`]
}

function missingText(from: number, to: number): string {
  const lines = from === to ? `seq ${from} is not here` : `${to - from + 1} lines, seq ${from} to ${to}, are not here`
  return from === 0 ? `${lines}: \`--from-middle\` takes a log whose beginning was put away` : lines
}
