import type { UpstreamFailure } from './upstream.ts'
import type { Citation, Part, Signature } from './conversation.ts'
import type { Json, JsonObject } from './json.ts'
import type { Usage } from './usage.ts'

/** An answer in no dialect. What was not reported is absent. */
export interface Answer {
  readonly id?: string
  readonly model?: string
  /** Whom an upstream asked that sends requests on. */
  readonly operator?: string
  /** Seconds since 1970. */
  readonly created?: number
  readonly choices: readonly Choice[]
  readonly usage?: Usage
  readonly serviceTier?: string
  /** Members of the upstream's answer that have no place here, by name. */
  readonly rest?: JsonObject
}

export interface Choice {
  readonly index: number
  /** In the order in which the model gave them. */
  readonly parts: readonly Part[]
  readonly finish: Finish
  readonly logprobs?: readonly TokenLogprob[]
}

/** Why a choice ended: in words common to all dialects, and as the upstream wrote it. */
export interface Finish {
  /** `pause`: the vendor stopped in the middle of work of its own and wants to be asked to go on. */
  readonly unified: 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'pause'
  readonly raw?: string
  /** The stop sequence that was met. */
  readonly stopSequence?: string
  /** What the vendor's filters found, in its form. */
  readonly safety?: Json
}

export interface TokenLogprob {
  readonly token: string
  readonly logprob: number
  readonly bytes?: readonly number[] | null
  readonly top?: readonly Omit<TokenLogprob, 'top'>[]
}

/**
 * One step of a streamed answer. Decoders give parts an `index` that counts up from 0 within their choice; a part is started once, grows by
 * deltas and ends once. Parts of one choice may be open side by side (parallel calls that are written in turns).
 */
export type StreamPart =
  | {
      readonly type: 'start'
      readonly id?: string
      readonly model?: string
      readonly operator?: string
      readonly created?: number
      readonly serviceTier?: string
    }
  /** `part` holds what is known at its start: its text, summary or input is empty, or all there is of it. */
  | { readonly type: 'part-start'; readonly choice: number; readonly index: number; readonly part: Part }
  /** More of the text of a text, refusal or reasoning, or of the input of a call, or of the transcript of a sound. */
  | { readonly type: 'delta'; readonly choice: number; readonly index: number; readonly text: string }
  /** More of the summary of a reasoning: `entry` counts its paragraphs from 0. */
  | {
      readonly type: 'summary-delta'
      readonly choice: number
      readonly index: number
      readonly entry: number
      readonly text: string
    }
  /** Base64 of a sound or an image, behind what came before. */
  | { readonly type: 'media-delta'; readonly choice: number; readonly index: number; readonly data: string }
  | { readonly type: 'signature'; readonly choice: number; readonly index: number; readonly signature: Signature }
  | { readonly type: 'citation'; readonly choice: number; readonly index: number; readonly citation: Citation }
  | { readonly type: 'logprobs'; readonly choice: number; readonly logprobs: readonly TokenLogprob[] }
  | { readonly type: 'part-end'; readonly choice: number; readonly index: number }
  | { readonly type: 'finish'; readonly choice: number; readonly finish: Finish }
  /** Cumulative: members that are there replace earlier ones. */
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'rest'; readonly rest: JsonObject }
  /** The upstream says that its answer is whole. */
  | { readonly type: 'end' }
  | { readonly type: 'failure'; readonly failure: UpstreamFailure }
