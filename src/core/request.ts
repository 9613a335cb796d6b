import type { Capability, Endpoint } from './endpoint.ts'
import type { Json, JsonObject } from './json.ts'
import type { Form } from './multipart.ts'
import type { Findings } from './pii/types.ts'

/** Where a request came from, as far as the runtime knows: nothing that a caller writes is believed. */
export interface Client {
  /** The address of the other end of the connection; behind a proxy that is the proxy. */
  readonly ip?: string
  /** ISO 3166 alpha-2, where the edge says it. */
  readonly country?: string
}

/** A caller's request: its dialect's fields as parsed, and its text as it came. The text is never changed in place. */
export interface ApiRequest {
  readonly id: string
  readonly endpoint: Endpoint
  /** The body as it came, UTF-8 decoded. */
  readonly text: string
  /** Of a form its fields: texts as they are, of files only what is known about them (`{ filename, content_type, bytes }`). */
  readonly body: JsonObject
  /** The body of a request with files; `text` is '' then. */
  readonly form?: Form
  /** The name the caller wrote. */
  readonly model: string
  readonly stream: boolean
  /** The caller asked for the usage chunk of a stream. */
  readonly wantsUsage: boolean
  /** Headers by which the caller chooses a version of its dialect: upstreams that speak it get them. */
  readonly headers?: Readonly<Record<string, string>>
  /** A stream is to be one JSON array instead of events. */
  readonly array?: true
  /** undefined: nothing is known of it. */
  readonly client?: Client
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, Json>>
  /** A guard asks it, about the request of this id. */
  readonly guardFor?: string
  /** Directives that narrow what a cache may do. */
  readonly cacheControl?: readonly string[]
  /** From `x-tutti-timeout-ms`: narrows the total time. */
  readonly timeoutMs?: number
}

/** What the request is like, measured once; only what deciding needs. Tokens are estimates. */
export interface Signals {
  readonly inputTokens: number
  /** Of several inputs that are read one by one (embeddings, prompts) the longest; undefined: there is one. */
  readonly longestInput?: number
  /** Worst case for a hold: UTF-8 bytes of the text + 64 a message + the most for each image and for each sound whose size is known. */
  readonly inputTokensWorst: number
  /** Sounds, videos, documents and what the provider's own tools read, whose length nobody knows: they may take all that the model reads. */
  readonly unmeasured: number
  /** The request's own limit; undefined: none written. */
  readonly outputLimit?: number
  /** Output that follows from the input (speech from its text), for an estimate where no usage comes; undefined: it does not. */
  readonly outputTokens?: number
  /** Answers asked for (`n`, times `best_of`). */
  readonly choices: number
  /** Tools that the model may call, and images that it sees; absent: none. */
  readonly tools?: number
  readonly images?: number
  /** How often the provider may search for it; `any`: the request does not limit it; absent: it asks for no search. */
  readonly searches?: number | 'any'
  /** The service tier that it asks for, in lower case; absent: the usual one. */
  readonly serviceTier?: string
  readonly needs: readonly Need[]
  /** Models that tools of the request name, for whoever answers to ask; absent: none. */
  readonly carried?: readonly string[]
  /** Hosts that tools of the request have called by whoever answers; absent: none. */
  readonly called?: readonly string[]
  /** What was found of personal data; absent: no rule asks for it, or it could not be looked for. */
  readonly pii?: Findings
  /** Of each guard by its id whether it found what it looks for; null: it was asked in vain; absent: nobody looked, or could not. */
  readonly guarded?: Readonly<Record<string, boolean | null>>
}

/** Members that say how many there are, left out where there are none. */
export function counted(tools = 0, images = 0): Pick<Signals, 'tools' | 'images'> {
  return { ...(tools > 0 && { tools }), ...(images > 0 && { images }) }
}

/** A capability that the request needs, and the field that shows it. */
export interface Need {
  readonly capability: Capability
  readonly param: string
}
