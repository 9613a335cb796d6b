import type { Failure } from './failure.ts'
import type { UpstreamRequest } from './transport.ts'

/** One way to reach a provider: an address and a credential. */
export interface Account {
  readonly id: string
  /** No trailing slash. */
  readonly baseUrl: string
  readonly apiKey?: string
  /** Extra headers, lower-case names, that the operator wrote. */
  readonly headers: Readonly<Record<string, string>>
  /** Values of the adapter's own settings, by name. */
  readonly settings?: Readonly<Record<string, string>>
  /** Those of them that nobody may see. */
  readonly secrets?: readonly string[]
}

/** A setting that a vendor needs beside address and key: a cloud's region, a second half of a credential. */
export interface AccountSetting {
  /** `without-key`: where the account has no `apiKey`. */
  readonly required: boolean | 'without-key'
  readonly secret: boolean
  /** It names a worker's binding: what the platform joins to the program, by a name and without a credential. */
  readonly binding?: true
  /** One sentence for the file's schema and for errors. */
  readonly description: string
}

export interface Encoded {
  readonly upstream: UpstreamRequest
  /** What was changed or cannot be honoured: `x-tutti-warnings`. */
  readonly warnings: readonly string[]
}

/** An upstream's refusal, read. */
export interface UpstreamFailure {
  /** The failure in tutti's form, message and code as the upstream wrote them. */
  readonly failure: Failure
  /** `same`: the same target may be asked again; `next`: another target may; `no`: the answer is final for the caller. */
  readonly retry: 'same' | 'next' | 'no'
  /** What went wrong, for the decision log: tutti's own words, no text of the upstream's or the caller's. */
  readonly why?: string
  /** Of an answer that a guard ended: the rule. */
  readonly guard?: string
}

/** How a stream of this upstream ends when it is whole. */
export type StreamEnd = 'done-required' | 'done-optional'
