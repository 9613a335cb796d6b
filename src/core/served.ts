/** Who has answered, as the upstream itself says in its answer: evidence against it, never for it. undefined: it does not say. */
export interface Served {
  /** As the upstream writes it. */
  readonly model?: string | undefined
  /** Of an upstream that sends requests on: whom it asked. */
  readonly operator?: string | undefined
}
