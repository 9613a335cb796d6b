import type { BudgetPeriod, Key, Limits } from './key.ts'
import type { NanoUsd } from './money.ts'

/** What each of these may have of its own. */
export const EACH = ['tenant', 'team', 'user', 'key'] as const
export type Each = (typeof EACH)[number]

/** Something of the file for all whom it covers, or for each of them. */
export interface Covering {
  readonly name: string
  readonly covers: (key: Key | undefined) => boolean
  /** Each of them has its own; whoever is none has none. */
  readonly each?: Each
  /** Names as requests write them, and ids of targets; absent: all. */
  readonly models?: (model: string) => boolean
  /** Names of this file's providers; absent: all. */
  readonly providers?: ReadonlySet<string>
  /** All whom one account of it covers are of one tenant, or are one key. */
  readonly within: boolean
}

export interface SharedBudget extends Covering {
  readonly limit: NanoUsd
  readonly per: BudgetPeriod
  /** IANA name. */
  readonly timeZone?: string
  /** Percent of it at which somebody is told. */
  readonly alerts?: readonly number[]
}

export interface SharedLimits extends Covering {
  readonly limits: Limits
}

/** What callers share; a key's own is with the key. */
export interface Shared {
  readonly budgets: readonly SharedBudget[]
  readonly limits: readonly SharedLimits[]
  readonly onFailure: OnFailure
  readonly alerts?: AlertHook
}

/** Whom alerts are told. */
export interface AlertHook {
  readonly url: string
  readonly secret?: string
  /** A private address is meant. */
  readonly local: boolean
  readonly timeoutMs: number
}

/** What becomes of requests that cannot be counted because the store does not answer. */
export interface OnFailure {
  readonly budgets: 'deny' | 'allow'
  readonly limits: 'deny' | 'allow'
}

export const DEFAULT_ON_FAILURE: OnFailure = { budgets: 'deny', limits: 'allow' }
