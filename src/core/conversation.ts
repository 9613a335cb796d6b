import type { Json, JsonObject } from './json.ts'

/**
 * A conversation in no dialect: what a request of one dialect becomes on its way to an upstream that speaks another. Readers put everything that
 * they know into it and everything else into `rest`; encoders answer for each feature of it (`features.ts`). Same dialect in and out never comes here.
 */
export interface Conversation {
  readonly turns: readonly Turn[]
  readonly tools: readonly Tool[]
  readonly toolChoice?: Setting<ToolChoice>
  /** Absent: plain text. */
  readonly output?: Setting<OutputFormat>
  readonly reasoning?: Setting<Reasoning>
  readonly settings: Settings
  /** Members of the caller's request that have no place here, at any depth: none is sent, each is named in a warning. */
  readonly rest: readonly Field[]
}

/** A value and the caller's own name of the field that holds it: what an error or a warning names. */
export interface Setting<Value> {
  readonly value: Value
  readonly param: string
}

/** A member that a reader did not know: its path in the caller's request (`messages[2].x`) and its value. */
export interface Field {
  readonly param: string
  readonly value: Json
}

/** What one side said. System text may stand at any place; results of tools are turns of their own. */
export interface Turn {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool'
  readonly parts: readonly Part[]
  /** Of the participant, where the caller wrote one. */
  readonly name?: string
}

export type Part = TextPart | MediaPart | RefusalPart | ReasoningPart | ToolCallPart | ToolResultPart | OpaquePart

export interface TextPart {
  readonly type: 'text'
  readonly text: string
  readonly citations?: readonly Citation[]
  readonly cache?: CacheMark
  /** An opaque token that goes back to the vendor that wrote it (Gemini puts them on text too). */
  readonly signature?: Signature
}

export interface MediaPart {
  /** `document`: a PDF, or text that is to be read as a file. */
  readonly type: 'image' | 'audio' | 'video' | 'document'
  readonly source: Source
  readonly detail?: string
  /** Of a file. */
  readonly name?: string
  readonly cache?: CacheMark
  /** Of something that the model made. */
  readonly transcript?: string
  readonly signature?: Signature
}

export type Source =
  | {
      readonly kind: 'data'
      /** `image/png`; '' where nobody says. */ readonly mediaType: string
      /** Base64. */ readonly data: string
    }
  | { readonly kind: 'url'; readonly url: string; readonly mediaType?: string }
  /** A file that was uploaded to a vendor before. */
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'text'; readonly text: string }

export interface RefusalPart {
  readonly type: 'refusal'
  readonly text: string
}

/** What a model thought. `text` as it thought it, `summary` as it may be shown; either may be missing, and then only the token counts. */
export interface ReasoningPart {
  readonly type: 'reasoning'
  readonly id?: string
  readonly text?: string
  readonly summary?: readonly string[]
  readonly signature?: Signature
  /** The vendor keeps the text to itself: `signature` holds all of it. */
  readonly redacted?: boolean
}

/** An opaque token of a vendor's: it goes back to whoever gave it, and to nobody else. */
export interface Signature {
  /** Whose it is: `anthropic`, `google`, `openai`, the `vendor` of a codec. */
  readonly vendor: string
  readonly value: string
  /** Who gave it, where that is known: `provider/account`, or the mark of one (`accountMark`). */
  readonly account?: string
}

export interface ToolCallPart {
  readonly type: 'tool-call'
  readonly id: string
  readonly name: string
  /** JSON text of an object; of a `custom` tool plain text. */
  readonly input: string
  readonly custom?: boolean
  readonly signature?: Signature
  readonly cache?: CacheMark
}

export interface ToolResultPart {
  readonly type: 'tool-result'
  /** The id of the call. */
  readonly id: string
  /** The tool's name, where the dialect writes it; `namedResults` finds it from the call otherwise. */
  readonly name?: string
  readonly parts: readonly Part[]
  readonly failed?: boolean
  readonly custom?: boolean
  readonly cache?: CacheMark
}

/** Something that only its own vendor understands: a tool that the provider ran, a compaction. Its own vendor gets it back, others do not. */
export interface OpaquePart {
  readonly type: 'opaque'
  readonly vendor: string
  /** The vendor's word for it. */
  readonly kind: string
  readonly value: JsonObject
}

/** Where a statement is from. `raw` in the vendor's form. */
export interface Citation {
  readonly url?: string
  readonly title?: string
  /** The words that are cited. */
  readonly quote?: string
  /** Offsets in the text it stands at, in UTF-16 units. */
  readonly start?: number
  readonly end?: number
  readonly vendor: string
  readonly raw: JsonObject
}

/** The prompt up to here is worth caching. */
export interface CacheMark {
  /** `5m`, `1h`, `30m`; absent: the vendor's own. */
  readonly ttl?: string
}

export type Tool = FunctionTool | CustomTool | ServerTool

export interface FunctionTool {
  readonly kind: 'function'
  readonly name: string
  readonly description?: string
  /** JSON Schema of its arguments. */
  readonly parameters?: JsonObject
  readonly strict?: boolean
  readonly cache?: CacheMark
}

/** A tool whose input is plain text, perhaps of a grammar. */
export interface CustomTool {
  readonly kind: 'custom'
  readonly name: string
  readonly description?: string
  readonly format?: JsonObject
}

/** A tool that the provider runs. `common` names one that several vendors have: `web_search`, `code_execution`, `web_fetch`, `file_search`, `mcp`. */
export interface ServerTool {
  readonly kind: 'server'
  readonly vendor: string
  readonly common?: string
  readonly value: JsonObject
}

export type ToolChoice =
  | { readonly kind: 'auto' | 'none' | 'required' }
  | { readonly kind: 'named'; readonly name: string }
  /** Only these may be called. */
  | { readonly kind: 'allowed'; readonly mode: 'auto' | 'required'; readonly names: readonly string[] }

export type OutputFormat =
  | { readonly kind: 'json' }
  | {
      readonly kind: 'schema'
      readonly name?: string
      readonly description?: string
      readonly schema: JsonObject
      readonly strict?: boolean
    }

export interface Reasoning {
  /** `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`. */
  readonly effort?: string
  /** Tokens; Gemini's -1 (the model decides) is `adaptive`. */
  readonly budget?: number
  readonly adaptive?: boolean
  /** Thoughts are to be shown: `auto`, `concise`, `detailed`; false: not. */
  readonly summary?: string | false
}

/** What each setting holds. Fields of vendors that have no counterpart elsewhere are no settings: they are `rest`. */
export interface SettingValues {
  readonly max_output_tokens: number
  readonly temperature: number
  readonly top_p: number
  readonly top_k: number
  readonly frequency_penalty: number
  readonly presence_penalty: number
  readonly seed: number
  readonly stop: readonly string[]
  /** Answers asked for; 1 is not written. */
  readonly choices: number
  /** Log probabilities are wanted, and so many alternatives of each token. */
  readonly logprobs: number
  readonly logit_bias: JsonObject
  /** false: one call of a tool at a time. */
  readonly parallel_tools: boolean
  readonly max_tool_calls: number
  readonly verbosity: string
  readonly service_tier: string
  readonly metadata: JsonObject
  /** An opaque name of the end user. */
  readonly user: string
  readonly cache_key: string
  readonly modalities: readonly string[]
  /** `{ voice, format }`. */
  readonly speech: JsonObject
  readonly store: boolean
}

export type SettingName = keyof SettingValues
export type Settings = { readonly [Name in SettingName]?: Setting<SettingValues[Name]> }
