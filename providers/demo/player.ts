import type { Clock } from '#src/core/clock.ts'
import type { Respond } from './respond.ts'
import { respond as respondAsOpenAI } from './respond.ts'
import type { RequestRecord, Script, ScriptedAnswer } from './script.ts'

/** `x-request-id`s that are remembered to count attempts; older ones are forgotten. */
const MOST_IDS = 1000

export interface Player {
  /** The answer to the next request. */
  answer(request: RequestRecord): ScriptedAnswer
}

export interface PlayerOptions {
  readonly clock: Pick<Clock, 'now'>
  /** Two players with one seed do the same. */
  readonly seed?: string
  /** Default: in OpenAI's older dialects alone, which is all that the demo speaks. */
  readonly respond?: Respond
}

/** Plays a script: the one place that remembers which answers were given. */
export function createPlayer(script: Script, options: PlayerOptions): Player {
  const respond = options.respond ?? respondAsOpenAI
  const given = script.answers.map(() => 0)
  const fitted = script.answers.map(() => 0)
  const attempts = new Map<string, number>()
  let call = 0
  const countAttempt = (id: string | undefined): number => {
    if (id === undefined) return 1
    const attempt = (attempts.get(id) ?? 0) + 1
    attempts.delete(id)
    attempts.set(id, attempt)
    const [oldest] = attempts.keys()
    if (attempts.size > MOST_IDS && oldest !== undefined) attempts.delete(oldest)
    return attempt
  }
  return {
    answer(request) {
      call++
      const attempt = countAttempt(request.headers['x-request-id'])
      const created = Math.floor(options.clock.now() / 1000)
      const answered = respond(script, request, {
        seed: options.seed ?? 'tutti',
        call,
        attempt,
        given,
        fitted,
        created,
      })
      for (const index of answered.fitted) fitted[index] = (fitted[index] ?? 0) + 1
      if (answered.answer !== undefined) given[answered.answer] = (given[answered.answer] ?? 0) + 1
      return answered
    },
  }
}
