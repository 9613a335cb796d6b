import type { Endpoint } from './endpoint.ts'
import type { Failure } from './failure.ts'
import type { Json, JsonObject } from './json.ts'
import type { ApiRequest } from './request.ts'
import type { Bill } from './usage.ts'

/** What a reader is told besides the body: headers that narrow, already checked. */
export interface ReadContext {
  readonly id: string
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, Json>>
  readonly timeoutMs?: number
}

/** A failure as the caller's own SDK understands it. */
export interface RenderedFailure {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What stands beside the tokens in the last usage object that the caller gets. */
export interface CostNote {
  readonly bill: Bill
  /** Only where the head was sent before they were known (INTERFACE.md section 9, heartbeat). */
  readonly route?: { readonly target: string; readonly attempts: number }
}

/** What clients speak on one endpoint: pure, knows no provider. */
export interface Dialect {
  readonly endpoint: Endpoint
  /** Throws FailureError, 400 with `param`. */
  read(text: string, context: ReadContext): ApiRequest
  renderFailure(failure: Failure): RenderedFailure
  /** An event that the official SDK raises as its API error. */
  renderStreamError(failure: Failure): string
  /** The proper end of a stream. */
  readonly done: string
  /** Puts the cost into the `usage` object of an answer's or an event's JSON text; the rest stays byte for byte. */
  addCost(text: string, note: CostNote): string
  /** Gives a whole answer the form that the request asked for (embeddings in base64); undefined: it has it already. */
  adapt?(text: string, request: ApiRequest): string | undefined
  /** The data of the events that a stream of this whole answer has, for an upstream that answers whole where a stream was asked for. */
  unfold?(answer: JsonObject, wantsUsage: boolean): readonly string[]
}
