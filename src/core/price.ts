import type { NanoUsd } from './money.ts'

/**
 * Rates in billionths of the row's currency (nano-USD where it has none): tokens per 1M, fees each. One that is missing is charged as what it is
 * a part of: cached, written, sound and image tokens as `input`, `cacheWriteLong` as `cacheWrite`, `cachedAudio` as `cachedInput`, what is
 * thought, spoken or drawn as `output`. A missing fee is none.
 */
export interface Rates {
  readonly input: NanoUsd
  readonly output: NanoUsd
  readonly cachedInput?: NanoUsd
  readonly cacheWrite?: NanoUsd
  /** Written to a cache that keeps it for an hour. */
  readonly cacheWriteLong?: NanoUsd
  readonly audioInput?: NanoUsd
  readonly cachedAudio?: NanoUsd
  readonly imageInput?: NanoUsd
  readonly reasoning?: NanoUsd
  readonly audioOutput?: NanoUsd
  readonly imageOutput?: NanoUsd
  /** For each request that was answered. */
  readonly perRequest?: NanoUsd
  /** For each search that the provider did for an answer. */
  readonly perSearch?: NanoUsd
}

/** Every rate by its name in the file. */
export const RATES = [
  'input',
  'output',
  'cachedInput',
  'cacheWrite',
  'cacheWriteLong',
  'audioInput',
  'cachedAudio',
  'imageInput',
  'reasoning',
  'audioOutput',
  'imageOutput',
  'perRequest',
  'perSearch',
] as const satisfies readonly (keyof Rates)[]

/** Base rates, and tiers that switch the whole request once its input is above a number of tokens. */
export interface Tariff extends Rates {
  /** Ascending by `above`; the last one passed counts. */
  readonly tiers?: readonly (Rates & { readonly above: number })[]
}

/** What rates are multiplied by, in billionths, so that every decimal of the file is exact. */
export type Factor = bigint

/** While it holds, other rates, or the same ones times a factor. */
export type PriceWindow = {
  /** At this moment, in ms since 1970. */
  holds(now: number): boolean
} & ({ readonly rates: Tariff } | { readonly factor: Factor })

/** A price row. Factors are for tokens, not for fees. */
export interface Price extends Tariff {
  /** The first that holds counts. */
  readonly windows?: readonly PriceWindow[]
  readonly multipliers?: {
    /** By the service tier that the answer names, in lower case. */
    readonly serviceTier?: Readonly<Record<string, Factor>>
    /** By where it was processed, in lower case. */
    readonly region?: Readonly<Record<string, Factor>>
  }
  /** What its rates are in; absent: USD. */
  readonly currency?: Currency
  /** Where the row is from and when: `tutti.yaml:12:5`, or a source and a date. */
  readonly source: string
  readonly asOf?: string
}

export interface Currency {
  readonly code: string
  /** How much of it is one USD, in billionths. */
  readonly rate: bigint
  /** The day of that rate. */
  readonly asOf: string
}
