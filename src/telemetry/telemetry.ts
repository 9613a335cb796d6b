import type { AttemptRecord, Decision, Settled } from '#src/core/decision.ts'
import { createMetrics, type Written } from './metrics.ts'
import { countUnauthorized, type Unauthorized } from './unauthorized.ts'

/** A live decision: one line of the log. */
export type DecisionRecord = Decision & Settled

export interface KeyEvent {
  readonly event: 'key_made' | 'key_changed' | 'key_rotated' | 'key_revoked'
  readonly key: string
  readonly by: string | null
}

/** Something that is no decision: a line of the log with an `event`. */
export type TelemetryEvent =
  /** A host does not say what it runs; what it said before stays. */
  | { readonly event: 'inventory_silent'; readonly provider: string }
  /** A host says of a model what does not fit what the file declares. */
  | { readonly event: 'inventory_contradicts'; readonly target: string; readonly says: readonly string[] }
  /** Whom a guard asks gave no answer that can be used. */
  | { readonly event: 'guard_failed'; readonly rule: string; readonly request_id: string }
  /** A budget has reached one of its thresholds, for the first time in its period. */
  | {
      readonly event: 'budget_alert'
      readonly budget: string
      readonly account: string
      readonly percent: number
      readonly spent_usd: number
      readonly limit_usd: number
      readonly per: string
      readonly period_ends: string | null
    }
  /** Whom alerts are told did not take one. */
  | { readonly event: 'alert_failed'; readonly account: string; readonly percent: number }
  /** A bill that this attempt's decision line has could not be booked on that shard: the state did not answer for minutes. */
  | { readonly event: 'bill_lost'; readonly id: string; readonly shard: string }
  /** An attempt cost more than its worst case, which was held: it is booked whole. */
  | {
      readonly event: 'bill_over_hold'
      readonly request_id: string
      readonly target: string
      readonly held_usd: number
      readonly cost_usd: number
    }
  /** What an upstream says that an attempt cost, and what the row of its price makes of it, are more than 5 % apart: the row is old, or it errs. */
  | {
      readonly event: 'price_deviates'
      readonly request_id: string
      readonly target: string
      readonly cost_usd: AttemptRecord['cost_usd']
      readonly cost_usd_by_price: number
      readonly price: AttemptRecord['price']
    }
  /** A key was made or changed while the configuration runs; `by`: the key that did it, null: the admin. */
  | KeyEvent
  /** Requests without a key that is known here, since the last such line. */
  | ({ readonly event: 'unauthorized' } & Unauthorized)

/** Where the stages tell what happened. Nothing of a prompt, an answer or a secret is ever given to it. */
export interface Telemetry {
  /** `written`: the targets that may be counted under their own names; all, unless given. */
  decided(record: DecisionRecord, written?: Written): void
  /** A request that was refused before it could be decided. */
  refused(endpoint: string, status: number): void
  /** It came without a key that is known here, from this address. */
  unauthorized(ip: string | undefined): void
  /** Something happened that is no decision. */
  event(event: TelemetryEvent): void
  /** Prometheus text. */
  metrics(): string
  /** Writes what is left to be told. */
  end(): void
}

/** Counts everything; hands each decision to `log` as one line of JSON, without a newline. A line that cannot be written is lost, and nothing else. */
export function createTelemetry(log: ((line: string) => void) | undefined, now: () => number): Telemetry {
  const metrics = createMetrics()
  const write = (line: object): void => {
    try {
      log?.(JSON.stringify(line))
    } catch {
      // Whoever is told of it would be told by the log.
    }
  }
  const tell = ({ event, ...more }: TelemetryEvent): void =>
    write({ event, time: new Date(now()).toISOString(), ...more })
  const unauthorized = countUnauthorized((told) => tell({ event: 'unauthorized', ...told }), now)
  return {
    decided(record, written) {
      metrics.decided(record, written)
      write(record)
      for (const { target, cost_usd, cost_usd_by_price, price } of record.attempts)
        if (cost_usd_by_price !== undefined)
          tell({ event: 'price_deviates', request_id: record.request_id, target, cost_usd, cost_usd_by_price, price })
      unauthorized.due()
    },
    refused: (endpoint, status) => metrics.refused(endpoint, status),
    unauthorized: unauthorized.add,
    event(event) {
      tell(event)
      unauthorized.due()
    },
    metrics: () => metrics.render(),
    end: unauthorized.end,
  }
}
