import type { JsonObject } from './json.ts'

/** How an upstream that sends requests on is told whom it may ask. */
export interface Routes {
  /** Whom it may ask, by its own names: of each the catalog's vendor. Hosts that are not here are strangers. */
  readonly hosts: Readonly<Record<string, string>>
  /** Whom a model's id alone chooses, by the upstream's own name; undefined: nobody in particular. */
  fixed?(model: string): string | undefined
  /** What it can be made to promise of whomever it asks, the weakest first. */
  readonly promises: readonly Promised[]
  /** The members of a body that tell it; left out: it cannot be told. */
  tell?(order: Order): JsonObject
}

export type Promised = 'no-training' | 'no-retention'

/** Whom an upstream may ask; what is left out is free. */
export interface Order {
  readonly only?: readonly string[]
  /** This one, and every weaker one. */
  readonly promised?: Promised
}
