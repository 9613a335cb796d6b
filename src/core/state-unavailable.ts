/** The store cannot carry out a step now: it may or may not have happened. */
export class StateUnavailable extends Error {
  override readonly name = 'StateUnavailable'
  /** What is wrong and how to mend it, without where the store is: anybody may read it. */
  readonly why: string

  /** `where`: without credentials. */
  constructor(where: string, why: string, options?: ErrorOptions) {
    super(`the state at ${where}: ${why}`, options)
    this.why = why
  }
}
