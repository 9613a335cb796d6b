import { bodyOf, endpointOf, lastText } from './request-record.ts'
import { stringAt } from '#src/core/json.ts'
import { draw } from './random.ts'
import type { Answer, RequestRecord, Script, Turn, When } from './script.ts'

export interface Chosen {
  /** undefined: `otherwise`, or nothing is left. */
  readonly index: number | undefined
  readonly answer: Answer | undefined
  readonly fitted: readonly number[]
}

/** The first answer that fits a request and is not used up. Answers without `when` are not for `GET /models`. */
export function choose(script: Script, request: RequestRecord, turn: Turn): Chosen {
  const fitted = script.answers.flatMap((answer, index) => (fits(answer.when, request, turn) ? [index] : []))
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

function fits(when: When | undefined, request: RequestRecord, turn: Turn): boolean {
  const endpoint = endpointOf(request)
  if (when?.endpoint === undefined ? endpoint === 'models' : when.endpoint !== endpoint) return false
  if (when === undefined) return true
  const body = bodyOf(request)
  if (when.model !== undefined && !modelFits(when.model, stringAt(body, 'model') ?? '')) return false
  if (when.textContains !== undefined && !lastText(body).includes(when.textContains)) return false
  if (when.stream !== undefined && when.stream !== (body['stream'] === true)) return false
  if (when.attempt !== undefined && when.attempt !== turn.attempt) return false
  return when.chance === undefined || draw(`${turn.seed}/${drawName(request, turn)}`) < when.chance
}

/** A request and its retries draw the same number, so that `attempt` and `chance` go together. */
function drawName(request: RequestRecord, turn: Turn): string {
  return request.headers['x-request-id'] ?? String(turn.call)
}

function modelFits(pattern: string, model: string): boolean {
  return pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : pattern === model
}
