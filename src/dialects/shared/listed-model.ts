/** A name that a caller may ask for, as the dialects list it. */
export interface ListedModel {
  readonly id: string
  /** `tutti` for a route, else the model's developer. */
  readonly ownedBy: string
  /** Seconds since 1970; 0 where nobody knows. */
  readonly created?: number
}
