import type { Capability } from './endpoint.ts'
import type { HostedModel } from './inventory.ts'
import type { Json } from './json.ts'
import type { WrittenKey } from './key.ts'
import type { Client } from './request.ts'

/**
 * What a decision depended on besides the file and the request's name, endpoint, key and tags: enough to decide it again, without a word of
 * the request. What is absent has its neutral value, or is not known to the version that wrote it. Money is nano-USD in decimal digits.
 */
export interface RecordedInputs {
  /** What draws came from. */
  readonly seed: string
  /** ms since 1970. */
  readonly now?: number
  readonly signals?: RecordedSignals
  /** The caller's, where it was not in the file. */
  readonly key?: WrittenKey
  /** Absent: the answer was to be whole. */
  readonly stream?: true
  /** From `x-tutti-metadata`, for conditions to read. */
  readonly metadata?: Readonly<Record<string, Json>>
  readonly client?: Client
  /** By account. */
  readonly spend?: Readonly<Record<string, RecordedSpend>>
  /** Running mean of the output tokens of one answer under the name asked for; absent: none known. */
  readonly expected_output_tokens?: number
  /** The target that has some of the prompt in its cache, and how much, in tokens; absent: none, as far as is known. */
  readonly warm?: { readonly target: string; readonly tokens: number }
  /** Those of whom anything is known. */
  readonly candidates?: readonly CandidateInputs[]
}

/** `Signals` of request.ts. */
export interface RecordedSignals {
  readonly input_tokens: number
  readonly input_tokens_worst: number
  readonly longest_input?: number
  /** Absent: 0. */
  readonly unmeasured?: number
  readonly output_limit?: number
  readonly output_tokens?: number
  /** Absent: 1. */
  readonly choices?: number
  readonly tools?: number
  readonly images?: number
  readonly searches?: number | 'any'
  readonly service_tier?: string
  readonly needs?: readonly { readonly capability: Capability; readonly param: string }[]
  /** Absent: nobody looked. */
  readonly carried?: readonly string[]
  readonly called?: readonly string[]
  readonly guarded?: Readonly<Record<string, boolean | null>>
  readonly pii?: { readonly counts: Readonly<Record<string, number>>; readonly unscannable?: true }
}

export interface RecordedSpend {
  readonly spent: string
  readonly held: string
}

export interface CandidateInputs {
  readonly target: string
  /** ms, and how many recent answers that is worth; absent: never seen. */
  readonly latency?: { readonly first_token_ms: number; readonly per_token_ms: number; readonly weight: number }
  /** Share of recent requests that were answered; absent: 1. */
  readonly health?: number
  /** ms since 1970. */
  readonly unhealthy_until?: number
  /** Per 1M tokens; absent: no price is known. */
  readonly price?: RecordedPrice
  /** What its host said of it; absent: nothing that counts. */
  readonly inventory?: RecordedInventory
  /** Why the request cannot be said to this target; absent: it can, or a rule denied the target and nobody asked. */
  readonly unspeakable?: Unspeakable
}

export type RecordedInventory = Omit<HostedModel, 'model'>

export interface Unspeakable {
  readonly code: string
  readonly reason: string
  /** The request's field that stands in the way. */
  readonly param: string
}

interface RecordedRates {
  readonly input: string
  readonly output: string
  readonly cached_input?: string
  readonly cache_write?: string
  readonly cache_write_long?: string
  readonly audio_input?: string
  readonly cached_audio?: string
  readonly image_input?: string
  readonly reasoning?: string
  readonly audio_output?: string
  readonly image_output?: string
  readonly per_request?: string
  readonly per_search?: string
}

/** The rates that held, in billionths of the currency, and the row that they are from. */
export interface RecordedPrice extends RecordedRates {
  readonly tiers?: readonly (RecordedRates & { readonly above: number })[]
  /** Of the window that held; absent: 1. */
  readonly factor?: string
  /** Absent: USD. */
  readonly currency?: string
  readonly source: string
  readonly as_of?: string
}
