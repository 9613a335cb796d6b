import type { Strategy } from './strategy.ts'

/** As the file writes them. */
export const priority: Strategy = (contenders) =>
  contenders.map((contender, index) => (index === 0 ? { contender, reason: 'first as written' } : { contender }))
