import type { Contender, Placed, Strategy } from './strategy.ts'

/**
 * First the one whose prompt cache is warm, if that saves anything: a conversation is drawn for once. Then draws without putting back: each place goes to one of those left, with a chance in proportion to its weight. A weight of 0 is only reached
 * when all others are gone; those stay as written.
 */
export const weighted: Strategy = (contenders, draw) => {
  const warm = contenders.find(({ saving }) => saving !== undefined)
  const left = contenders.filter((contender) => contender !== warm)
  const placed: Placed[] = warm ? [{ contender: warm, reason: 'its prompt cache is warm' }] : []
  while (left.length > 0) {
    const index = pick(left, draw())
    for (const contender of left.splice(index, 1))
      placed.push({ contender, reason: `drawn by weight ${contender.weight}` })
  }
  return placed
}

function pick(left: readonly Contender[], draw: number): number {
  let point = draw * left.reduce((sum, { weight }) => sum + weight, 0)
  for (const [index, { weight }] of left.entries()) {
    if (point < weight) return index
    point -= weight
  }
  // Rounding may leave a point at the very end; all weights 0 leave it at the beginning.
  return Math.max(
    0,
    left.findLastIndex(({ weight }) => weight > 0),
  )
}
