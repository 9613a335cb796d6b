import { compilePattern } from '#src/core/wildcard.ts'
import { draw } from './random.ts'
import { lastText } from './request-record.ts'
import type { Answer, RequestRecord, Script, Turn, When } from './script.ts'
import type { Ask } from './surface.ts'

export interface Chosen {
  /** undefined: `otherwise`, or nothing is left. */
  readonly index: number | undefined
  readonly answer: Answer | undefined
  readonly fitted: readonly number[]
}

/** A request, and what reads it; undefined: nothing does. */
export interface Heard {
  readonly request: RequestRecord
  readonly ask: Ask | undefined
}

/**
 * The first answer that fits a request and is not used up. Answers without `when` are not for what asks no model, such as `GET /models`
 * or a `GET` of what is not there. */
export function choose(script: Script, heard: Heard, turn: Turn): Chosen {
  const fitted = script.answers.flatMap((answer, index) => (fits(answer.when, heard, turn) ? [index] : []))
  const index = fitted.find((each) => {
    const answer = script.answers[each]
    if (answer === undefined) return false
    const limit = answer.times ?? (answer.when === undefined ? 1 : Infinity)
    const nth = (turn.fitted[each] ?? 0) + 1
    return (turn.given[each] ?? 0) < limit && (answer.when?.nth ?? nth) === nth
  })
  const answer = index === undefined ? script.otherwise : script.answers[index]
  return { index, answer, fitted }
}

function fits(when: When | undefined, { request, ask }: Heard, turn: Turn): boolean {
  const surface = ask?.surface
  // A host that is asked about itself where it has nothing to say.
  if (!ask && request.method === 'GET' && when?.endpoint === undefined) return false
  if (when?.endpoint === undefined ? surface?.asksModel === false : when.endpoint !== surface?.endpoint) return false
  if (when === undefined) return true
  if (when.model !== undefined && !compilePattern(when.model)(ask?.model ?? '')) return false
  if (when.textContains !== undefined && !lastText(ask?.body ?? {}).includes(when.textContains)) return false
  if (when.stream !== undefined && when.stream !== (ask?.stream ?? false)) return false
  if (when.attempt !== undefined && when.attempt !== turn.attempt) return false
  return when.chance === undefined || draw(`${turn.seed}/${drawName(request, turn)}`) < when.chance
}

/** A request and its retries draw the same number, so that `attempt` and `chance` go together. */
function drawName(request: RequestRecord, turn: Turn): string {
  return request.headers['x-request-id'] ?? String(turn.call)
}
