import { ascending, type Contender, type Strategy } from './strategy.ts'

/** Shares of cost, speed and health in the score. */
const SHARES = { cost: 0.4, speed: 0.4, health: 0.2 } as const

/** A target that was never seen is taken for half as fast as the fastest. */
const UNSEEN = 0.5

/**
 * By a mix: 40% cost, 40% speed, 20% health. Cost and speed are counted as the best of all contenders divided by one's own, so 1 is the best and
 * 0.5 is twice as dear or as slow; health is the share of recent requests that were answered. An unknown price counts as 0, a speed never
 * seen as 0.5. Ties stay as written.
 */
export const balanced: Strategy = (contenders) => {
  const best = { cost: least(contenders.map(costOf)), latency: least(contenders.map(({ latencyMs }) => latencyMs)) }
  return ascending(contenders, {
    value: (contender) => -score(contender, best),
    best: 'best mix of cost, speed and health',
    unknown: '',
  })
}

interface Best {
  readonly cost: number | undefined
  readonly latency: number | undefined
}

function score(contender: Contender, best: Best): number {
  const cost = ratio(best.cost, costOf(contender)) ?? 0
  const speed = ratio(best.latency, contender.latencyMs) ?? UNSEEN
  return SHARES.cost * cost + SHARES.speed * speed + SHARES.health * contender.health
}

/** 1 for the best, towards 0 for worse; one unit is added so that a best of 0 can be divided by. */
function ratio(best: number | undefined, own: number | undefined): number | undefined {
  return best === undefined || own === undefined ? undefined : (best + 1) / (own + 1)
}

/** In millionths of a dollar. */
function costOf({ cost }: Contender): number | undefined {
  return cost === undefined ? undefined : Number(cost) / 1000
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length > 0 ? Math.min(...known) : undefined
}
