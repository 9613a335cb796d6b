/** Welch's t of two samples: how far apart their means are, in the standard errors of that distance. */
export function welch(one: readonly number[], two: readonly number[]): number {
  const [a, b] = [momentsOf(one), momentsOf(two)]
  return (a.mean - b.mean) / Math.sqrt(a.variance / one.length + b.variance / two.length)
}

function momentsOf(sample: readonly number[]): { readonly mean: number; readonly variance: number } {
  const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length
  const squares = sample.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, variance: squares / (sample.length - 1) }
}

/** Without what lies above that part of all of them: pauses of the machine hide differences. */
export function cropped(samples: readonly (readonly number[])[], part: number): readonly (readonly number[])[] {
  const all = samples.flat().toSorted((a, b) => a - b)
  const most = all[Math.floor(all.length * part)] ?? Infinity
  return samples.map((sample) => sample.filter((value) => value <= most))
}
