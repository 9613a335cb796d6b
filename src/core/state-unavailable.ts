interface Options extends ErrorOptions {
  /** Nothing of the step has left the process. */
  readonly unsent?: boolean
}

/** The store cannot carry out a step now: unless it is `unsent`, it may or may not have happened. */
export class StateUnavailable extends Error {
  override readonly name = 'StateUnavailable'
  /** What is wrong and how to mend it, without where the store is: anybody may read it. */
  readonly why: string
  readonly unsent: boolean

  /** `where`: without credentials. */
  constructor(where: string, why: string, options?: Options) {
    super(`the state at ${where}: ${why}`, options)
    this.why = why
    this.unsent = options?.unsent === true
  }
}

/** Of a step that failed. */
export function mayHaveHappened(error: unknown): boolean {
  return !(error instanceof StateUnavailable && error.unsent)
}
