import type { StrategyName } from '#src/core/snapshot.ts'
import { balanced } from './balanced.ts'
import { cheapest } from './cheapest.ts'
import { fastest } from './fastest.ts'
import { priority } from './priority.ts'
import type { Strategy } from './strategy.ts'
import { weighted } from './weighted.ts'

/** Every strategy that a route may name. */
export const strategies: Readonly<Record<StrategyName, Strategy>> = { priority, weighted, cheapest, fastest, balanced }
