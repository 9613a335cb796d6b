import type { JsonObject } from './json.ts'
import type { NanoUsd } from './money.ts'

/** The shortest first. */
export const PERIODS = ['hour', 'day', 'week', 'month', 'total'] as const
export type BudgetPeriod = (typeof PERIODS)[number]

export function isPeriod(value: unknown): value is BudgetPeriod {
  return PERIODS.some((period) => period === value)
}

/** At most so many requests and tokens in any minute, and requests at a time. */
export interface Limits {
  readonly rpm?: number
  readonly tpm?: number
  readonly concurrency?: number
}

/** A caller, as the file names it. The credential itself is never kept: only its SHA-256. */
export interface Key {
  readonly id: string
  readonly tenant?: string
  readonly team?: string
  /** A person or a program, who may have several keys. */
  readonly user?: string
  readonly tags: readonly string[]
  /** Patterns over the name as the request writes it; undefined: every name. */
  readonly models?: readonly string[]
  /** What others are only warned of is a 400 for this one. */
  readonly strict?: boolean
  readonly budget?: {
    readonly limit: NanoUsd
    readonly per: BudgetPeriod
    /** Percent of it at which somebody is told. */
    readonly alerts?: readonly number[]
  }
  readonly limits?: Limits
  /** ms since 1970 from which on it is not valid any more. */
  readonly expires?: number
  /** How many keys it may have made at a time. */
  readonly mints?: number
  /** Who made it: it may nothing that this one may not, and rules, budgets and limits are about it as they are about this one. */
  readonly mintedBy?: Key
  /** Of one that is not in the file: ms since 1970. Another one was another key, also under the same id. */
  readonly made?: number
  /** Of one that is not in the file: what a replay makes it of. */
  readonly written?: WrittenKey
}

/** A key that was made while a configuration ran. */
export interface WrittenKey {
  /** Its fields, as the file would have them. */
  readonly key: JsonObject & { readonly id: string }
  /** The key of the file that made it; null: the admin. */
  readonly by: string | null
}

/** Whether it is not valid any more; `now`: ms since 1970. */
export function isOver({ expires = Infinity, mintedBy }: Key, now: number): boolean {
  return expires <= now || (mintedBy !== undefined && isOver(mintedBy, now))
}

/** Whom rules, budgets and limits are about. */
export function subjectOf(key: Key): Key {
  return key.mintedBy ?? key
}

/** Of what a guard asks: the caller's budget pays; what it may name and how often it may ask is the caller's affair, and this is the operator's. */
export function unbounded({ models: _models, limits: _limits, mintedBy, ...key }: Key): Key {
  return mintedBy ? { ...key, mintedBy: unbounded(mintedBy) } : key
}
