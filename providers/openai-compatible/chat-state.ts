import type { Finish, StreamPart } from '#src/core/answer.ts'
import type { Citation } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import type { Quirks } from './definition.ts'
import type { FinishReason } from './map-finish-reason.ts'

/** One choice of a stream under way. A value. */
export interface ChatChoice {
  /** Parts that were started. */
  readonly next: number
  /** The part that text or thoughts go on with; calls stay open beside it. */
  readonly open: OpenPart | undefined
  /** By the upstream's index of the call: of two with one index only the later one is under way. */
  readonly calls: ReadonlyMap<number, ChatCall>
  readonly lastCall: number
  /** Calls begun, those that are over too. */
  readonly called: number
  /** The last first. */
  readonly details: Details | undefined
  /** An end that may not be one: more calls may follow. */
  readonly held: Finish | undefined
  readonly finished: boolean
}

export interface OpenPart {
  readonly index: number
  readonly type: 'text' | 'reasoning' | 'refusal' | 'audio'
}

export interface Details {
  readonly pieces: readonly JsonObject[]
  readonly before: Details | undefined
}

/** What a choice of a chunk is read with. */
export interface Reading {
  readonly index: number
  readonly parts: StreamPart[]
  readonly id: string
  readonly quirks: Quirks
  readonly reason: FinishReason
  /** What the whole answer rests on, where this chunk ends it. */
  readonly sources: readonly Citation[]
}

/** A call of a tool under way. */
export interface ChatCall {
  /** Of its part; undefined: its name has not come, and it is not started. */
  readonly index: number | undefined
  readonly id: string
  /** The upstream gave the id. */
  readonly given: boolean
  readonly name: string
  /** Input that came before the name. */
  readonly held: string
  /** No input has come: `{}` is what it amounts to. */
  readonly bare: boolean
  readonly custom: boolean
}

export const NEW_CHOICE: ChatChoice = {
  next: 0,
  open: undefined,
  calls: new Map(),
  lastCall: -1,
  called: 0,
  details: undefined,
  held: undefined,
  finished: false,
}
