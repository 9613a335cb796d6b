import { ascending, type Contender, type Strategy } from './strategy.ts'

/** How often, of all requests, the first place goes to another than the fastest. */
export const EXPLORE = 0.05

/**
 * By the expected time to the whole answer: time-decayed means of time to first token and time per token, for the output expected of this
 * request. Targets that were never seen come after those that were. So that a slow or new one gets its chance again, one request in twenty goes
 * first to the target of which least is known; the draw is the request's seed.
 */
export const fastest: Strategy = (contenders, draw) => {
  const sorted = ascending(contenders, {
    value: ({ latencyMs }) => latencyMs,
    best: 'fastest',
    unknown: 'speed unknown',
  })
  const chance = draw()
  const [first] = sorted
  if (!first || chance >= EXPLORE) return sorted
  const others = sorted.filter((placed) => placed !== first).map(({ contender }) => contender)
  const explored = leastSeen(others)
  if (!explored) return sorted
  const rest = sorted.filter(({ contender }) => contender !== explored)
  return [{ contender: explored, reason: 'explored: least is known of its speed' }, ...rest]
}

function leastSeen(contenders: readonly Contender[]): Contender | undefined {
  return contenders.reduce<Contender | undefined>(
    (least, next) => (least && least.seen <= next.seen ? least : next),
    undefined,
  )
}
