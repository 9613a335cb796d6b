import type { Basis, Shadow } from '#src/core/decision.ts'
import type { Key } from '#src/core/key.ts'
import type { RecordedInputs } from '#src/core/recorded.ts'
import type { ApiRequest, Signals } from '#src/core/request.ts'
import type { Spend } from '#src/core/state-store.ts'
import type { Expectations, Health, Latency } from '#src/routing/estimates.ts'
import type { Occasion } from '#src/routing/occasion.ts'
import type { Contender } from '#src/routing/strategies/strategy.ts'
import type { Terms } from '#src/routing/terms.ts'
import type { Speech } from './speech.ts'
import type { Finding } from './verdict.ts'

/** What deciding reads of a request itself: all of it is in the decision, so that a replay has it. */
type Asked = Pick<ApiRequest, 'endpoint' | 'model' | 'stream' | 'client' | 'tags' | 'metadata' | 'guardFor'>

/** Who asks for what. */
export interface Subject {
  readonly request: Asked
  readonly signals: Signals
  readonly key?: Key | undefined
  /** What draws come from: the request's id, or a replay's. */
  readonly seed: string
  /** What rules make of the request, where it was worked out before. */
  readonly terms?: Terms
  /** Conditions that were asked before are not asked again. */
  readonly occasion?: Occasion
  /** How the request is said to a target; absent: as it came, or not at all. */
  readonly speech?: Speech
}

/** What a decision depends on besides the configuration and the request. */
export interface DecisionInputs {
  readonly estimates: Expectations
  /** ms since 1970. */
  readonly now: number
  /** By account; absent: nothing is spent. */
  readonly spends?: ReadonlyMap<string, Spend> | undefined
  /** Where some of the prompt is in a cache; absent: nowhere. */
  readonly warm?: RecordedInputs['warm'] | undefined
}

/** A candidate with what was found of it. */
export interface Choice extends Contender {
  readonly finding: Finding
  readonly shadow: readonly Shadow[]
  readonly transfer?: readonly Basis[]
  readonly latency?: Latency
  readonly state: Health
}
