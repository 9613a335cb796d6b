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
 * Eligible targets in the order of their attempts: those that more rules prefer first; among equals those that declare every capability that
 * the request asks for, then those that declare none and count as having all; within each the strategy's order (INTERFACE.md section 9). The
 * endpoint itself parts nobody.
 */
export function rank(input: RankInput): readonly Placed[] {
  const preferred = Map.groupBy(input.contenders, ({ preferredBy = [] }) => preferredBy.length)
  if (preferred.size === 0 || (preferred.size === 1 && preferred.has(0))) return ordered(input)
  return [...preferred.keys()]
    .toSorted((a, b) => b - a)
    .flatMap((count) => ordered({ ...input, contenders: preferred.get(count) ?? [] }))
    .map(({ contender, reason }) => placed(contender, [preference(contender), reason]))
}

function ordered({ strategy, contenders, needs, draw }: RankInput): readonly Placed[] {
  const order = strategies[strategy]
  const asked = needs.some((need) => need.param !== ENDPOINT_PARAM)
  if (!asked) return order(contenders, draw)
  const silent = contenders.filter(({ target }) => target.facts.capabilities === undefined)
  const declaring = contenders.filter(({ target }) => target.facts.capabilities !== undefined)
  const last = order(silent, draw).map(({ contender, reason }) =>
    placed(contender, [reason, 'capabilities not declared']),
  )
  return [...order(declaring, draw), ...(declaring.length > 0 ? last : order(silent, draw))]
}

function preference({ preferredBy = [] }: Contender): string | undefined {
  return preferredBy.length > 0 ? `preferred by ${preferredBy.join(' and ')}` : undefined
}

function placed(contender: Contender, reasons: readonly (string | undefined)[]): Placed {
  const reason = reasons.filter((one) => one !== undefined && one !== '').join(', ')
  return reason === '' ? { contender } : { contender, reason }
}

/** The field that shows which endpoint a request asks. */
export const ENDPOINT_PARAM = 'model'
