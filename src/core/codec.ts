import type { Account, Encoded, StreamEnd, UpstreamFailure } from './upstream.ts'
import type { Answer, StreamPart } from './answer.ts'
import type { Conversation, SettingValues } from './conversation.ts'
import type { Support } from './features.ts'
import type { JsonObject } from './json.ts'
import type { Framing, WireEvent } from './wire-event.ts'

/** A conversation for one upstream: what it does not take has been left out of it already. Encoding it twice gives the same bytes. */
export interface EncodeConversation {
  readonly conversation: Conversation
  /** The upstream's own id of the model. */
  readonly model: string
  readonly account: Account
  readonly stream: boolean
  /** The most tokens that the model writes, where it is known: for APIs that demand a limit. */
  readonly maxOutput?: number
}

/** A whole answer, read: an answer, or the failure that it turns out to be. */
export type Decoded =
  | { readonly answer: Answer; readonly failure?: undefined }
  | { readonly failure: UpstreamFailure; readonly answer?: undefined }

/** What an upstream's next event leads to. */
export interface DecodeStep {
  readonly decoder: StreamDecoder
  readonly parts: readonly StreamPart[]
}

/** A stream of an upstream under way. A value: an older decoder stays true and may be asked again (law 5). Never throws. */
export interface StreamDecoder {
  event(event: WireEvent): DecodeStep
  /** The body ended as its framing says. Gives what was still open; whether the answer is whole is for the caller to judge. */
  end(): readonly StreamPart[]
}

/** How conversations in the internal form are spoken to one kind of upstream. Pure. */
export interface ConversationCodec {
  /** The form on the wire: `anthropic-messages`, `bedrock-converse`. */
  readonly wire: string
  /** Whose signatures and opaque parts it takes and gives (`Signature`). */
  readonly vendor: string
  readonly framing: Framing
  /** It signs calls of tools themselves, not only the thoughts before them. */
  readonly signsCalls?: boolean
  /** Overrides the adapter's for this form. */
  readonly streamEnd?: StreamEnd
  /** Tools that the provider runs, by their common names, which it can offer to callers of other dialects. */
  readonly serverTools: readonly string[]
  /** What the upstream does anyhow: a setting of this value that it does not take is left out without a word. */
  readonly defaults?: Readonly<Partial<SettingValues>>
  /** Whether one model is spoken to in this form, where a vendor's models differ; left out: every one is. */
  serves?(model: string): boolean
  support(model: string): Support
  encode(input: EncodeConversation): Encoded
  /** `id`: unique to this answer, of `[A-Za-z0-9_-]`: what ids are made of that the upstream does not give (calls of tools). */
  decode(value: JsonObject, id: string): Decoded
  /** A decoder before the first event; `id` as above. */
  decoder(id: string): StreamDecoder
}

/** A stream's decoding as a reducer. */
export interface DecodeReducer<State> {
  readonly start: State
  event(state: State, event: WireEvent): { readonly state: State; readonly parts: readonly StreamPart[] }
  end(state: State): readonly StreamPart[]
}

/** Makes a decoder of a reducer, so that nobody else need know what its state is. */
export function decoderOf<State>(reducer: DecodeReducer<State>, state: State = reducer.start): StreamDecoder {
  return {
    event(event) {
      const next = reducer.event(state, event)
      return { decoder: next.state === state ? this : decoderOf(reducer, next.state), parts: next.parts }
    },
    end: () => reducer.end(state),
  }
}
