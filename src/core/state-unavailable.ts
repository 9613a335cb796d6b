/** The store cannot carry out a step now: it may or may not have happened. The message says what is wrong and how to mend it, without credentials. */
export class StateUnavailable extends Error {
  override readonly name = 'StateUnavailable'
}
