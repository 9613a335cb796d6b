import type { Json, JsonObject } from '#src/core/json.ts'
import type { Framing, StreamEvent } from './framing.ts'
import { utf8 } from './pieces.ts'
import type { ErrorReply, Reply, RequestRecord, ScriptEndpoint } from './script.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** What is spoken at a path: how requests are read there, and answers and errors written. */
export interface Surface {
  readonly endpoint: ScriptEndpoint
  /** False where no model is asked: there answers without `when` are not given, and something is said when none is left. */
  readonly asksModel: boolean
  /** What a request says that is meant for here; undefined: it is meant for another. */
  find(request: RequestRecord, path: string): Found | undefined
  /** What the vendor itself would refuse. */
  refuse(ask: Ask): ErrorReply | undefined
  wish(ask: Ask): Wish
  whole(render: Render): Body
  /** Absent: it gives whole answers only. */
  readonly stream?: StreamForm
  readonly errors: ErrorForm
}

export interface StreamForm {
  framing(ask: Ask): Framing
  events(render: Render): readonly StreamEvent[]
}

/** Where a request's line and headers say what other dialects say in the body. */
export interface Found {
  /** Default: the body's `model`. */
  readonly model?: string
  /** Default: the body's `stream`. */
  readonly stream?: boolean
}

/** A request that a surface reads. */
export interface Ask {
  readonly surface: Surface
  readonly request: RequestRecord
  readonly body: JsonObject
  readonly model: string | undefined
  readonly stream: boolean
}

/** What a request wants of a model, whatever its dialect. */
export interface Wish {
  readonly tools: readonly WishedTool[]
  /** False: no tool may be called, or one has answered. */
  readonly mayCall: boolean
  /** The tool that has to be called. */
  readonly tool: string | undefined
  /** JSON that fits a schema is wanted, or any JSON. */
  readonly format: { readonly schema: Json | undefined } | 'json' | undefined
  /** The most tokens that may be written. */
  readonly limit: number | undefined
  readonly choices: number
  /** What counts as its input. */
  readonly prompt: Json | undefined
}

export interface WishedTool {
  readonly name: string
  readonly parameters: Json | undefined
}

/** What a request wants that wants nothing in particular. */
export const PLAIN_WISH: Wish = {
  tools: [],
  mayCall: true,
  tool: undefined,
  format: undefined,
  limit: undefined,
  choices: 1,
  prompt: undefined,
}

/** All that an answer is made of. */
export interface Render {
  readonly reply: Reply
  readonly ask: Ask
  readonly body: JsonObject
  readonly wish: Wish
  /** The one that the answer names. */
  readonly model: string
  readonly seed: string
  /** Seconds since 1970. */
  readonly created: number
  /** The models that there are. */
  readonly models: readonly string[]
}

/** The body of a whole answer. In several pieces: it is sent bit by bit, its length untold. */
export interface Body {
  readonly type: string
  readonly pieces: readonly Bytes[]
}

/** How a vendor says that something failed. */
export interface ErrorForm {
  readonly requestIdHeader: string
  /** A refusal. `id`: the request's. */
  whole(
    error: ErrorReply,
    id: string,
  ): { readonly headers?: Readonly<Record<string, string>>; readonly body: JsonObject }
  /** An error inside a 200, instead of a whole answer. */
  inside(error: Json, id: string): JsonObject
  /** An error in a stream. */
  events(error: Json, at: ErrorPlace): readonly StreamEvent[]
  /** What is said of a model that there is not. */
  unknownModel(model: string): ErrorReply
}

export interface ErrorPlace {
  readonly render: Render
  readonly named: boolean
  /** How many events came before it. */
  readonly after: number
}

/** A whole answer that is JSON. */
export function jsonBody(value: Json): Body {
  return textBody(JSON.stringify(value), 'application/json')
}

export function textBody(text: string, type: string): Body {
  return { type, pieces: [utf8(text)] }
}
