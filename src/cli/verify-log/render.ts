import type { Chain } from './chain.ts'
import type { Problem } from './problem.ts'
import type { Verified } from './verify.ts'

/** `ok`: it holds and has its end. `open`: it holds as far as it goes, and whether more was written cannot be told. */
type State = 'ok' | 'open' | 'broken'

export function stateOf({ problem, closed }: Chain): State {
  return problem ? 'broken' : closed ? 'ok' : 'open'
}

/** The result as one object, for `--json`: names in snake_case. */
export function verifiedJson({ chains, unchained, other }: Verified, holds: boolean): object {
  return {
    ok: holds,
    chains: chains.map((chain) => ({
      instance: chain.instance,
      state: stateOf(chain),
      lines: chain.lines,
      first_time: chain.firstTime,
      last_time: chain.lastTime,
      first_seq: chain.firstSeq,
      head: chain.head,
      problem: chain.problem,
    })),
    unchained: { count: unchained.count, first: unchained.first },
    other_lines: other,
  }
}

/** The result as a person reads it: one line a chain. */
export function renderVerified({ chains, unchained: { count, first }, other }: Verified): string {
  const more = count > 1 ? `; so are ${count - 1} more` : ''
  return [
    ...chains.map(chainText),
    ...(first ? [`${problemText(first)}${more}`] : []),
    ...(other > 0 ? [`${other} other lines (greeting, empty) were left out`] : []),
  ].join('\n')
}

function chainText(chain: Chain): string {
  const { instance, lines, firstTime = '?', lastTime = '?' } = chain
  return `${instance}: ${lines} ${lines === 1 ? 'line' : 'lines'}, ${firstTime} to ${lastTime}, ${verdictText(chain)}`
}

function verdictText({ problem, closed, head }: Chain): string {
  if (problem) return problemText(problem)
  const last = head ? `head ${head.hash}` : ''
  return closed ? `ok, ${last}` : `ok as far as it goes, seq ${head?.seq}: it is open, without its \`end\`, ${last}`
}

function problemText({ file, line, kind, message }: Problem): string {
  return `${file}:${line}: ${kind}: ${message}`
}
