/** Who has answered, as the upstream itself says in its answer: evidence against it, never for it. undefined: it does not say. */
export interface Served {
  /** As the upstream writes it. */
  readonly model?: string | undefined
  /** Of an upstream that sends requests on: whom it asked. */
  readonly operator?: string | undefined
}

/** Nobody has been named yet. */
export const UNNAMED: Served = {}

/** Whether an event of a stream names somebody whom those before it did not: it is said once more who answers, for that is judged. */
export function isNews(before: Served, { model, operator }: Served): boolean {
  return (model !== undefined && model !== before.model) || (operator !== undefined && operator !== before.operator)
}
