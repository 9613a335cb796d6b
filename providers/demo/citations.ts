import { wordsOf, type Content } from './content.ts'
import type { Render } from './surface.ts'

/** Where some of a text has it from: a place from `start` to before `end`, in UTF-16 units. */
export interface Cited {
  readonly url: string
  readonly title: string
  readonly text: string
  readonly start: number
  readonly end: number
}

/** The script's citations, at their places in the text; those of what it does not say stand at its beginning and are empty. */
export function citationsOf({ text }: Content, { reply }: Render): readonly Cited[] {
  const whole = (text ?? []).join('')
  return (reply.citations ?? []).map(({ url, title = url, text: part = whole }) => {
    const at = whole.indexOf(part)
    const [start, end] = at < 0 ? [0, 0] : [at, at + part.length]
    return { url, title, text: whole.slice(start, end), start, end }
  })
}

/** Some of a text, and what it rests on. */
interface CitedRun {
  readonly pieces: readonly string[]
  readonly citations: readonly Cited[]
}

/** What is said, cut where a citation begins or ends: some dialects have each cited statement in a block of its own. */
export function citedRuns(content: Content, render: Render): readonly CitedRun[] {
  const cited = citationsOf(content, render)
  const marks = new Set(cited.flatMap(({ start, end }) => [start, end]).filter((mark) => mark > 0))
  const runs: CitedRun[] = []
  let from = 0
  let rest = wordsOf(content) ?? []
  for (const mark of [...[...marks].toSorted((one, other) => one - other), Infinity]) {
    const at = from
    const [pieces, behind] = cutAt(rest, mark - at)
    const citations = cited.filter(({ start, end }) => start <= at && (at < end || at + end === 0))
    if (pieces.length > 0 || (runs.length === 0 && mark === Infinity)) runs.push({ pieces, citations })
    from = mark
    rest = behind
  }
  return runs
}

function cutAt(pieces: readonly string[], length: number): readonly [readonly string[], readonly string[]] {
  const [before, behind]: [string[], string[]] = [[], []]
  let left = length
  for (const piece of pieces) {
    if (left > 0) before.push(piece.slice(0, left))
    if (left < piece.length) behind.push(piece.slice(left))
    left = Math.max(0, left - piece.length)
  }
  return [before, behind]
}
