import type { ConversationCodec } from './codec.ts'
import type { Endpoint } from './endpoint.ts'
import type { Facts } from './facts.ts'
import type { InventoryReader } from './inventory.ts'
import type { JsonObject } from './json.ts'
import type { ApiRequest } from './request.ts'
import type { UpstreamHead } from './transport.ts'
import type { Account, AccountSetting, Encoded, StreamEnd, UpstreamFailure } from './upstream.ts'
import type { Routes } from './routes.ts'
import type { Served } from './served.ts'
import type { Usage } from './usage.ts'

export type { Account, AccountSetting, Encoded, StreamEnd, UpstreamFailure } from './upstream.ts'

/** Where one model's prompts are processed. */
export interface Place {
  /** As `Facts.region`; undefined: unknown. */
  readonly region?: string
  /** The model's id sends them elsewhere than to the host that was asked: what is known of the host says nothing of it. */
  readonly roams: boolean
}

/** A request for one upstream. Encoding it twice gives the same bytes. */
export interface Encode {
  readonly request: ApiRequest
  /** The upstream's own id of the model. */
  readonly model: string
  readonly account: Account
  /** Ask for usage although the caller did not; the chunk it causes is withheld. */
  readonly askUsage: boolean
  /** What it thought before calls, by their ids, that it wants back and the caller may have lost. */
  readonly thoughts?: ReadonlyMap<string, string>
}

/**
 * What one stream event, or a whole answer, says. Nothing in it is text of the answer. Made for every event: what is not there is written as
 * undefined, so that all of them have one shape.
 */
export interface Observation {
  /** Something a caller would miss: text, refusal, reasoning, a tool call, sound, or a vector. */
  readonly content: boolean
  /** UTF-8 bytes of what was generated, for estimates where no usage comes. */
  readonly generatedBytes: number
  /** Choice indices that this event mentions, and those that it finishes. */
  readonly choices: readonly number[]
  readonly finished: readonly number[]
  /** The finish reason in OpenAI's words: `stop`, `length`, `tool_calls`, `content_filter`. */
  readonly finish?: string | undefined
  readonly usage?: Usage | undefined
  /** An error inside a 200. */
  readonly failure?: UpstreamFailure | undefined
  /** No choice at all, only usage: the chunk that `include_usage` causes. */
  readonly usageOnly: boolean
  /** The upstream's proper end, written as an event: nothing comes behind it. */
  readonly done?: boolean | undefined
  readonly model?: string | undefined
  /** Of an upstream that sends requests on: whom it asked, as it writes it. */
  readonly operator?: string | undefined
}

/**
 * A vendor, as pure functions: no I/O, no clock, no state. Shared code never asks which one it has; what differs is declared here.
 */
export interface Adapter {
  /** The `type` in the file. */
  readonly type: string
  /** Shown in documentation and errors: `Mistral AI`. */
  readonly title: string
  /** What it speaks itself: such requests travel as they came. */
  readonly endpoints: readonly Endpoint[]
  /** Whether one model has one of them, where not every model has all. */
  speaks?(endpoint: Endpoint, model: string): boolean
  /** How conversations of other dialects are spoken to it: of several the one that loses least is taken, the first of equals. */
  readonly codecs?: readonly ConversationCodec[]
  /** It wants what it thought back with the calls that came of it, in its own dialect too: the codec that reads that dialect's answers. */
  readonly replays?: ConversationCodec
  /** Settings of an account that the file writes beside `apiKey`, by name. */
  readonly settings?: Readonly<Record<string, AccountSetting>>
  /** Where the vendor answers, `{name}` standing for a setting; undefined: the file must say. */
  readonly baseUrl?: string
  /** Where a model's prompts are processed, where its id or a setting decides that; left out: `facts` and `regions` say it. */
  placeOf?(model: string, settings: Readonly<Record<string, string>>): Place
  /** Other addresses of the same vendor by the name the file uses for them: residency hosts, the government cloud. */
  readonly regions?: Readonly<Record<string, { readonly baseUrl: string; readonly facts?: Facts }>>
  /** The private address is the point: Ollama, vLLM, llama.cpp. */
  readonly local: boolean
  /** `required`: `apiKey` must be in the file; `optional`: it may; `none`: there is none. */
  readonly credential: 'required' | 'optional' | 'none'
  /** The model's name says nothing about the model (an Azure deployment): the file must declare it. */
  readonly modelsMustBeDeclared: boolean
  /** It sends requests on to others: what serves them is not known from its name. */
  readonly aggregator: boolean
  /** Of one that does: how it is told whom it may ask. Left out: it cannot be told. */
  readonly routes?: Routes
  /** Marks in a model's id by which this upstream routes (`model:provider`): an id that holds one is a target only where the file writes it. */
  readonly steeringMarks?: readonly string[]
  /**
   * Models whose ids end so run elsewhere, whatever the address: what is known of the host is not true of them, and these facts are.
   */
  readonly elsewhere?: { readonly endings: readonly string[]; readonly facts: Facts }
  /** How a host is asked what it really runs; only one that the file calls `local`, or a local type, is. */
  readonly inventory?: InventoryReader
  readonly facts: Facts
  /** The member of its own dialects that has a prompt cached, or names what it is cached under; left out: there is none, or nobody knows. */
  readonly cacheMark?: 'prompt_cache_key' | 'cache_control'
  /** Its models search the web for whatever they are asked. */
  readonly searchesUnasked?: true
  readonly streamEnd: StreamEnd
  /** Of endpoints whose streams end otherwise. */
  readonly streamEnds?: Readonly<Partial<Record<Endpoint, StreamEnd>>>
  encode(input: Encode): Encoded
  /** What the head of an answer says of who gave it; left out: nothing. */
  servedBy?(head: UpstreamHead): Served | undefined
  /** A 4xx or 5xx answer. `body` is the text as it came. */
  decodeError(head: UpstreamHead, body: string): UpstreamFailure
  /** One JSON object of a 200: a whole answer (`stream` false) or one event of a stream (its name, if it had one). */
  observe(
    value: JsonObject,
    kind: { readonly endpoint: Endpoint; readonly stream: boolean; readonly event?: string | undefined },
  ): Observation
}
