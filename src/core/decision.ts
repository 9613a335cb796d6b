import type { Json } from './json.ts'
import type { RecordedInputs } from './recorded.ts'
import type { Order } from './routes.ts'

/** One decision, as it is shown and logged (INTERFACE.md section 4): built up through the stages, holds no prompt text. */
export interface Decision {
  readonly outcome: 'route' | 'deny'
  readonly model: string
  readonly endpoint: string
  readonly epoch: string
  readonly key?: string
  /** From `x-tutti-tags`, as the caller wrote them. */
  readonly tags?: readonly string[]
  readonly request: {
    readonly input_tokens_estimate: number
    readonly output_tokens_limit?: number
    readonly needs: readonly string[]
    /** Types of personal data that were found; absent: no rule asks for them. */
    readonly pii?: readonly string[]
  }
  /** Types of personal data that are found and taken out of the request, and which rules do so. */
  readonly redacted?: { readonly types: readonly string[]; readonly rules: readonly string[] }
  /** Rules that mark its answer as made by a model. */
  readonly labelled_by?: readonly string[]
  /** Of a request that a guard asks: the id of the one that it asks about. */
  readonly guard_for?: string
  /** Guards that ask somebody, or look at the answer. What they found of the request is among the inputs. */
  readonly guards?: readonly GuardRecord[]
  /** What rules write into the request, by the setting's name in the file, and which rules. */
  readonly changes?: readonly { readonly setting: string; readonly value: Json; readonly rules: readonly string[] }[]
  readonly candidates: readonly Candidate[]
  /** Target ids in the order of the attempts. */
  readonly plan: readonly string[]
  readonly inputs: RecordedInputs
}

export interface GuardRecord {
  readonly rule: string
  readonly by: 'literals' | 'patterns' | 'webhook' | 'moderation' | 'decision'
  readonly on: readonly ('input' | 'output')[]
  readonly model?: string
}

export type Verdict = 'eligible' | 'denied' | 'incapable' | 'unhealthy' | 'over_budget'

export interface Candidate {
  readonly target: string
  readonly developer?: string
  readonly lineage?: readonly string[]
  readonly operator?: string
  readonly operator_country?: string
  readonly local?: boolean
  readonly region?: string
  readonly verdict: Verdict
  readonly rank?: number
  /** USD; null: no price is known. */
  readonly cost_usd_estimate?: number | null
  /** What its prompt cache is expected to save, which `cost_usd_estimate` counts. */
  readonly cache_savings_usd_estimate?: number
  readonly latency_ms_estimate?: number
  readonly reasons?: readonly string[]
  /** Rules that put it before others, sorted. */
  readonly preferred_by?: readonly string[]
  /** On which basis it is permitted abroad, by each rule about transfers, sorted by rule. */
  readonly transfer?: readonly Basis[]
  /** What it is told of whom it may ask in its turn, where it sends requests on. */
  readonly told?: Order
  /** Of a denied one: the first rule by name, and every rule that objects. */
  readonly rule?: string
  readonly rules?: readonly string[]
  readonly code?: string
  readonly reason?: string
  readonly source?: string
  /** Of an incapable one: the request's field that asks for what is missing. */
  readonly param?: string
  /** What rules in shadow would have said of it, sorted by rule. */
  readonly shadow?: readonly Shadow[]
}

/** What permits a transfer out of the country. */
export interface Basis {
  readonly rule: string
  readonly basis: string
}

/** A rule in `mode: shadow` that would take a target out. */
export interface Shadow {
  readonly rule: string
  readonly code: string
  readonly reason: string
  readonly source: string
}

/** What a live decision adds once the request is over. */
export interface Settled {
  readonly time: string
  readonly request_id: string
  readonly status: number
  readonly attempts: readonly AttemptRecord[]
  readonly served_by?: string
  /** It was answered by what was kept: nobody was asked, and nothing used up. */
  readonly cache?: 'hit'
  readonly usage?: {
    readonly input_tokens?: number
    readonly output_tokens?: number
    readonly cached_input_tokens?: number
    readonly reasoning_tokens?: number
  }
  readonly cost_usd: number | 'unknown'
  readonly estimated?: true
  /** What caches saved, of all attempts; below 0 where writing to them cost more than that. */
  readonly cache_savings_usd?: number
  readonly latency_ms: number
  readonly first_token_ms?: number
  readonly error?: string
}

export interface AttemptRecord {
  readonly target: string
  readonly account?: string
  readonly status?: number
  readonly outcome:
    | 'answered'
    | 'failed'
    | 'aborted'
    | 'timeout'
    | 'mismatch'
    | 'guarded'
    | 'denied'
    | 'over_budget'
    | 'over_limit'
    | 'unavailable'
  readonly error?: string
  /** What went wrong below or beside HTTP: `connect_failed ECONNREFUSED`. */
  readonly reason?: string
  readonly latency_ms: number
  readonly cost_usd?: number | 'unknown'
  /** Absent: no cache had to do with it, or nobody knows. */
  readonly cache_savings_usd?: number
  /** What was put into the request for its prompt to be cached, by the member's name in OpenAI's or Anthropic's dialect. */
  readonly cache_marks?: readonly string[]
  /** Whose word the cost is: the upstream's own, its usage at the price, or an estimate of it. */
  readonly cost_from?: 'upstream' | 'usage' | 'estimate'
  /** The row that it was priced by, or would have been. */
  readonly price?: { readonly source: string; readonly as_of?: string }
  /** What the row says, where the upstream's own cost is more than 5 % off it. */
  readonly cost_usd_by_price?: number
  /** Of an answer that a rule ended: the rule, and the model that the upstream named, where it named one. */
  readonly rule?: string
  readonly served_as?: string
  /** What rules in shadow would have ended it for. */
  readonly shadow?: readonly Shadow[]
}
