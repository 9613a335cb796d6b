import type { Draw } from '#src/core/seed.ts'
import type { StrategyName } from '#src/core/snapshot.ts'
import type { Need } from '#src/core/request.ts'
import { strategies } from './strategies/registry.ts'
import type { Contender, Placed } from './strategies/strategy.ts'

export interface RankInput {
  readonly strategy: StrategyName
  /** In the order of the file. */
  readonly contenders: readonly Contender[]
  readonly needs: readonly Need[]
  readonly draw: Draw
}

/**
 * Eligible targets in the order of their attempts: those that declare every capability that the request asks for, then those that declare
 * none and count as having all; within each the strategy's order (INTERFACE.md section 9, Capabilities). The endpoint itself parts nobody.
 */
export function rank({ strategy, contenders, needs, draw }: RankInput): readonly Placed[] {
  const order = strategies[strategy]
  const asked = needs.some((need) => need.param !== ENDPOINT_PARAM)
  if (!asked) return order(contenders, draw)
  const silent = contenders.filter(({ target }) => target.facts.capabilities === undefined)
  const declaring = contenders.filter(({ target }) => target.facts.capabilities !== undefined)
  const last = order(silent, draw).map(({ contender, reason }) => ({
    contender,
    reason: [...(reason === undefined || reason === '' ? [] : [reason]), 'capabilities not declared'].join(', '),
  }))
  return [...order(declaring, draw), ...(declaring.length > 0 ? last : order(silent, draw))]
}

/** The field that shows which endpoint a request asks. */
export const ENDPOINT_PARAM = 'model'
