import type { Json } from '#src/core/json.ts'

/**
 * What an upstream does, as plain data: the same script runs as msw handlers, as a fetch and as a server (`tutti mock`).
 * For each request the first answer that fits and is not used up is given; then `otherwise`; with neither, a 400 that says so.
 */
export interface Script {
  readonly answers: readonly Answer[]
  readonly otherwise?: Answer
  /** What `GET /models` lists. Written: any other model is a 404. */
  readonly models?: readonly string[]
}

/** What is done to one request. An empty one is the default answer: a well-behaved endpoint of the dialect that is spoken there. */
export interface Answer {
  readonly when?: When
  /** How often it may be given. Default: once without `when`, any number of times with it. */
  readonly times?: number
  readonly reply?: Reply
  /** An error instead of a reply. */
  readonly error?: ErrorReply
  /** Exactly these bytes instead of a reply. */
  readonly raw?: RawReply
  readonly timing?: Timing
  readonly wire?: Wire
  readonly fault?: Fault
}

/** Which requests an answer is for: all that is written must hold. */
export interface When {
  /** Exact but for `*`, which stands for any run of characters. */
  readonly model?: string
  readonly endpoint?: ScriptEndpoint
  /** The last user message (or the prompt, the query, or an input of embeddings) contains this text. */
  readonly textContains?: string
  /** Only the nth request that the rest of this `when` fits, from 1. */
  readonly nth?: number
  /** Only the nth request with one `x-request-id`, from 1: a gateway's attempts. */
  readonly attempt?: number
  /** Only this share of the requests, 0 to 1, drawn from the seed and the `x-request-id`. */
  readonly chance?: number
  readonly stream?: boolean
}

/** What is asked for; where tutti serves the same, by the same name. */
export const SCRIPT_ENDPOINTS = [
  'chat',
  'completions',
  'embeddings',
  'models',
  'responses',
  'messages',
  'countTokens',
  'geminiGenerate',
  'geminiCountTokens',
  'geminiEmbed',
  'bedrockConverse',
  'cohereChat',
  'hyperclovaChat',
  'ollamaChat',
  'ollamaModels',
  'ollamaShow',
  'workersAiRun',
  'moderations',
  'imageGenerations',
  'imageEdits',
  'speech',
  'transcriptions',
  'translations',
  'rerank',
  'decisions',
] as const
export type ScriptEndpoint = (typeof SCRIPT_ENDPOINTS)[number]

/** What the model says, in whatever dialect it is asked. What is absent follows the request, as the vendor would. */
export interface Reply {
  readonly text?: string
  /** The text in the pieces that a stream sends; one piece counts as one token. */
  readonly deltas?: readonly string[]
  readonly reasoning?: string
  /** The field of chat completions that carries `reasoning`. Default `reasoning_content`. */
  readonly reasoningField?: 'reasoning_content' | 'reasoning'
  /**
   * What proves that the thoughts are the model's own, where a dialect has such a thing: a thinking block's signature, a `thoughtSignature`,
   * encrypted reasoning. Default: made up, always the same for one seed; '' is none.
   */
  readonly signature?: string
  /** Moderations flag the categories that it names; each decision is refused. */
  readonly refusal?: string
  /** Where the text has it from; dialects without a place for it leave it out. */
  readonly citations?: readonly CitationReply[]
  readonly toolCalls?: readonly ToolCallReply[]
  /** The text is built from the JSON schema that was asked for. */
  readonly structured?: boolean
  /** Default: as asked. */
  readonly logprobs?: boolean
  /** `stop`, `tool_calls`, `length` and `content_filter` are put into the dialect's words, others stand as they are. Default: as it was. */
  readonly finishReason?: string
  readonly usage?: UsageReply
  /**
   * Where a stream of chat completions carries usage; other dialects have one place for it. `asked`: in a last chunk without choices when `include_usage` was sent; `last`: always there;
   * `finish`: on the chunk that finishes; `every`: on every chunk, cumulative; `never`: nowhere, also not in a whole answer.
   */
  readonly usageIn?: 'asked' | 'last' | 'finish' | 'every' | 'never'
  /** How many answers. Default: the request's `n`. */
  readonly choices?: number
  /** No message content at all: an empty answer. */
  readonly empty?: boolean
  /** From 0 to 1: how well each document fits the query, or how probable each decision is, in their order. */
  readonly scores?: readonly number[]
  /** The vector of each input. */
  readonly embedding?: readonly number[]
  /** `float`: also where base64 was asked for. */
  readonly embeddingFormat?: 'float' | 'base64'
  /** The `model` of the answer. Default: the request's. */
  readonly model?: string
}

export interface ToolCallReply {
  readonly name: string
  /** An object, or the argument text itself (also text that is no JSON). */
  readonly arguments?: Json
  readonly id?: string
  /** In how many pieces a stream sends the arguments. 1: the whole call in one delta. Default 3. */
  readonly pieces?: number
}

export interface CitationReply {
  readonly url: string
  readonly title?: string
  /** The part of the answer that rests on it. Default: all of it. */
  readonly text?: string
}

/** Tokens. `input` counts those read from a cache or written to one, `output` those of reasoning; each dialect gets them as it counts. */
export interface UsageReply {
  readonly input?: number
  readonly output?: number
  readonly cached?: number
  readonly cacheWrite?: number
  readonly reasoning?: number
}

export interface ErrorReply {
  readonly status: number
  readonly message?: string
  /** The dialect's own word for the kind of error: its `type`, `status` or exception. Default: by the HTTP status. */
  readonly type?: string
  readonly code?: string | number | null
  readonly param?: string | null
  /** `retry-after`, in seconds. */
  readonly retryAfter?: number
  readonly headers?: Readonly<Record<string, string>>
}

export interface RawReply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text as it is, or JSON. */
  readonly body?: Json
}

/** Milliseconds. */
export interface Timing {
  /** Before the head. */
  readonly headMs?: number
  /** Between the head and the first piece of content. */
  readonly firstTokenMs?: number
  /** Before each further piece of content. */
  readonly tokenMs?: number
}

/** How the answer is written down. */
export interface Wire {
  /** Of server-sent events. */
  readonly lineEnding?: 'lf' | 'crlf'
  /** false: `data:{` without the space. */
  readonly space?: boolean
  /** false: the stream ends without what says so (`[DONE]`, `message_stop`, `response.completed`, a `]`). */
  readonly done?: boolean
  /** A comment before each server-sent event, such as `keep-alive`. */
  readonly comment?: string
  /** Text before the body: a byte order mark, blank lines. */
  readonly before?: string
  /** Text after the body and inside it: what follows `[DONE]`. */
  readonly after?: string
  /** Bytes on the socket behind the end of the answer; only the server can do it. */
  readonly behind?: string
  /** Each write has at most so many bytes, also inside a character. */
  readonly split?: number
}

/** Where a fault strikes: exactly one of them. A whole answer counts as one event. */
export interface Place {
  readonly beforeHead?: boolean
  readonly afterEvents?: number
  readonly afterBytes?: number
}

export type Fault = CutFault | StallFault | ErrorFault

/**
 * The answer breaks off. `fin`: the connection is closed in order, without the end that the framing asks for; `reset`: by RST;
 * `terminated`: with the proper end of the framing, so that only the content shows that something is missing.
 */
export interface CutFault extends Place {
  readonly kind: 'cut'
  readonly how?: 'fin' | 'reset' | 'terminated'
}

/** Nothing more comes, and the connection stays open. */
export interface StallFault extends Place {
  readonly kind: 'stall'
}

/** An error inside a 200: instead of a whole answer, or in a stream after so many events. */
export interface ErrorFault {
  readonly kind: 'error'
  readonly afterEvents?: number
  /** In a chat completion: the event is called `error`. Other dialects have one form. */
  readonly named?: boolean
  /** `[DONE]`, or what stands for it, follows all the same. */
  readonly done?: boolean
  /** In a chat completion the `error` member, as it is; elsewhere its message, type, code and status in the dialect's form. */
  readonly error: Json
}

/** A request as it arrived. */
export interface RequestRecord {
  readonly method: string
  readonly url: string
  /** Lower-case names, without credentials. */
  readonly headers: Readonly<Record<string, string>>
  /** The parsed body, a form's fields by their names; undefined: none, or neither JSON nor a form. */
  readonly body: Json | undefined
}

/** What the engine knows besides script and request. */
export interface Turn {
  readonly seed: string
  /** Number of this request, from 1. */
  readonly call: number
  /** How many requests with this `x-request-id` there were, this one included. */
  readonly attempt: number
  /** How often each answer was given. */
  readonly given: readonly number[]
  /** How often each answer's `when` fitted before, its `nth` left aside. */
  readonly fitted: readonly number[]
  /** Seconds since 1970, for `created`. */
  readonly created: number
}

/** What an upstream does next. */
export type Step =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'head'; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'cut'; readonly how: 'fin' | 'reset' }
  | { readonly kind: 'stall' }
  | { readonly kind: 'end'; readonly behind?: Uint8Array<ArrayBuffer> }

/** Ends with exactly one of `cut`, `stall` and `end`. */
export interface ScriptedAnswer {
  /** Index of the answer in the script; undefined: `otherwise`, or no answer was left. */
  readonly answer: number | undefined
  /** The indices of the answers whose `when` fitted, `nth` left aside. */
  readonly fitted: readonly number[]
  readonly steps: readonly Step[]
}

/** The script of well-behaved endpoints. */
export const DEFAULT_SCRIPT: Script = { answers: [], otherwise: {} }
