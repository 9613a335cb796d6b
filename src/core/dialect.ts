import type { Answer, StreamPart } from './answer.ts'
import type { Conversation } from './conversation.ts'
import type { Endpoint } from './endpoint.ts'
import type { Failure } from './failure.ts'
import type { Json, JsonObject } from './json.ts'
import type { ApiRequest, Signals } from './request.ts'
import type { Places } from './setting.ts'
import type { Turns } from './thread.ts'
import type { Bill } from './usage.ts'

/** What a reader is told besides the body: headers that narrow, already checked. */
export interface ReadContext {
  readonly id: string
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, Json>>
  readonly timeoutMs?: number
  /** Of the request's address, percent-decoded: some dialects name the model there. */
  readonly path?: string
  readonly query?: ReadonlyMap<string, string>
  /** A request header by its lower-case name: versions of a dialect. */
  readonly header?: (name: string) => string | undefined
}

/** A body of `multipart/form-data` as it came. */
export interface FormBody {
  readonly bytes: Uint8Array
  readonly contentType: string
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
  /** Reads a body with files. `required`: a request without them says nothing, so that a body of JSON is refused; `read` is for `explain` then. */
  readonly form?: {
    readonly required: boolean
    read(body: FormBody, context: ReadContext): ApiRequest
  }
  /** Its answers are no JSON: bytes that go on as they come, or once they are whole, each with the upstream's content type. */
  readonly raw?: 'passed' | 'collected'
  /** Measures a request once: linear in the body, copies no text. */
  sense(request: ApiRequest): Signals
  renderFailure(failure: Failure, requestId?: string): RenderedFailure
  /** An event that the official SDK raises as its API error. `begun`: content went out before it. */
  renderStreamError(failure: Failure, begun: boolean): string
  /** The proper end of a stream, where the upstream's own last event is not it. */
  readonly done: string
  /** Puts the cost into the `usage` object of an answer's or an event's JSON text; the rest stays byte for byte. */
  addCost(text: string, note: CostNote): string
  /** Gives a whole answer the form that the request asked for (embeddings in base64); undefined: it has it already. */
  adapt?(text: string, request: ApiRequest): string | undefined
  /** The data of the events that a stream of this whole answer has, for an upstream that answers whole where a stream was asked for. */
  unfold?(answer: JsonObject, wantsUsage: boolean): readonly string[]
  /** One of those events as it is written, where that is more than a `data` line. */
  frame?(data: string): string
  /** An answer of tutti's own where the upstream has none to give: an estimate of what was to be counted. */
  estimate?(signals: Signals): string
  /** What it lets callers go on from: answers that are kept. */
  readonly memory?: DialectMemory
  /** Where its bodies have what rules may set and cap. */
  readonly settings?: Places
  /** Of a dialect of conversations. */
  readonly turns?: Turns
  /** How it meets upstreams that speak something else; undefined: it does not. */
  readonly translation?: Translation
  /** Names of the headers that carry the request's id beside `x-tutti-request-id`. */
  readonly requestIdHeader: 'x-request-id' | 'request-id'
  /** Another form of the same dialect that this request asks for: Gemini's array in the place of an event stream. */
  variant?(request: ApiRequest): Dialect
  /** The form of streams that are no `text/event-stream`. */
  readonly streaming?: {
    readonly contentType: string
    /** What keeps a silent connection open. */
    readonly comment: string
    /** One event's JSON text as it goes out; `first`: nothing has gone out before. */
    frame(data: string, first: boolean): string
  }
}

/** How a dialect's answers are kept and gone on from. Pure: the keeping is the pipeline's. */
export interface DialectMemory {
  /** The id of the answer that this request goes on from. */
  previous(request: ApiRequest): string | undefined
  /** The ids of items of earlier answers that a request only names, in their place. */
  named(request: ApiRequest): readonly string[]
  /** The request with all that was said before in it; `thoughts`: what was thought too, which not everybody may be sent. */
  resume(request: ApiRequest, before: readonly Json[], thoughts: boolean): ApiRequest
  /** The request with what it only names in it; `known`: the outputs of the answers that are kept. */
  filled(request: ApiRequest, known: readonly Json[], thoughts: boolean): ApiRequest
  /** What is to be kept of an answer, by its text or by the end of its stream; undefined: nothing. */
  keep(request: ApiRequest, rest: string): KeptAnswer | undefined
  /** The ids of an answer's items that nobody understands but the account that gave it. */
  signed(rest: string): readonly string[]
  /** The ids of such items that a request brings along. */
  brought(request: ApiRequest): readonly string[]
  /** The request without some of them, and without what another vendor has signed; the very one where there is nothing of both. */
  without(request: ApiRequest, ids: ReadonlySet<string>): ApiRequest
}

export interface KeptAnswer {
  readonly id: string
  readonly answer: JsonObject
  readonly input: readonly Json[]
  readonly output: readonly Json[]
}

/** A dialect's side of the internal form. */
export interface Translation {
  /** The codec of this `wire` reads answers in this very dialect. */
  readonly wire: string
  /** Throws FailureError, 400 with `param`, for what is not a conversation; fields that it does not know go to `rest`. */
  read(request: ApiRequest): Conversation
  /** The JSON text of a whole answer. The cost is added by `addCost`. */
  render(answer: Answer, context: RenderContext): string
  /** Before the first part. */
  renderer(context: RenderContext): StreamRenderer
  /** Of a dialect that has no place for signatures: the calls whose thoughts are to be given back, by their ids. */
  calls?(request: ApiRequest): readonly string[]
  /** It has a place for thoughts and what signs them: only what stands on calls themselves has none. */
  readonly carriesThoughts?: boolean
}

export interface RenderContext {
  readonly request: ApiRequest
  /** Seconds since 1970, for an answer that does not say when it was made. */
  readonly created: number
}

export interface RenderStep {
  readonly renderer: StreamRenderer
  /** What the caller gets: whole events, or ''. */
  readonly out: string
}

/** A stream on its way out. A value: an older one stays true. It never gets `failure`. */
export interface StreamRenderer {
  part(part: StreamPart): RenderStep
  /** Everything from the last part to the proper end, usage with its cost in it. */
  finish(note: CostNote): string
}

/** A stream's rendering as a reducer. */
export interface RenderReducer<State> {
  readonly start: State
  part(state: State, part: StreamPart): { readonly state: State; readonly out: string }
  finish(state: State, note: CostNote): string
}

/** Makes a renderer of a reducer, so that nobody else need know what its state is. */
export function rendererOf<State>(reducer: RenderReducer<State>, state: State = reducer.start): StreamRenderer {
  return {
    part(part) {
      const next = reducer.part(state, part)
      return { renderer: next.state === state ? this : rendererOf(reducer, next.state), out: next.out }
    },
    finish: (note) => reducer.finish(state, note),
  }
}
