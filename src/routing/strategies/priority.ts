import type { Strategy } from './strategy.ts'

/** As the file writes them. */
export const priority: Strategy = (contenders) =>
  contenders.map((contender, index) => ({ contender, ...(index === 0 && { reason: 'first as written' }) }))
