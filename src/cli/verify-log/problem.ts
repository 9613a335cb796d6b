/** Where a line stands. */
export interface Place {
  readonly file: string
  /** From 1. */
  readonly line: number
}

export type ProblemKind = 'changed' | 'missing' | 'reordered' | 'duplicated' | 'foreign' | 'after_end' | 'unchained'

/** What is wrong with a line, or with what should stand before it. */
export interface Problem extends Place {
  readonly kind: ProblemKind
  readonly message: string
}
