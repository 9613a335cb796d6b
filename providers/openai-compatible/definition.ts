import type { Adapter, StreamEnd } from '#src/core/adapter.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import type { Facts } from '#src/core/facts.ts'

/** What a vendor says about itself. Everything that is left out is as OpenAI does it. */
export interface ProviderDefinition {
  readonly type: string
  readonly title: string
  /** Default: chat, completions, embeddings. */
  readonly endpoints?: readonly Endpoint[]
  /** No trailing slash. Left out: the file must say. */
  readonly baseUrl?: string
  readonly regions?: Adapter['regions']
  readonly local?: boolean
  /** Default: `optional` for a local one, else `required`. */
  readonly credential?: Adapter['credential']
  /** Of an address that holds `{name}`. */
  readonly settings?: Adapter['settings']
  readonly modelsMustBeDeclared?: boolean
  readonly aggregator?: boolean
  readonly routes?: Adapter['routes']
  readonly steeringMarks?: readonly string[]
  readonly elsewhere?: Adapter['elsewhere']
  readonly inventory?: Adapter['inventory']
  /** Default: what another tutti behind it says. */
  readonly servedBy?: Adapter['servedBy']
  readonly facts?: Facts
  readonly searchesUnasked?: Adapter['searchesUnasked']
  /** Default: `done-required`. */
  readonly streamEnd?: StreamEnd
  readonly quirks?: Partial<Quirks>
}

/** A place in an answer. */
export type ReportedCost = 'none' | 'usage.cost' | 'usage.cost.total_cost' | 'usage.cost_in_usd_ticks'

/** Where a vendor is not as OpenAI. A quirk is there because a request would fail or lose something without it. */
export interface Quirks {
  /** The header that carries the key: as OpenAI's, alone, or of Cloudflare's gateway, which leaves `authorization` to the host behind it. */
  readonly auth: 'bearer' | 'api-key' | 'cf-aig-authorization'
  /** Other paths for some endpoints. */
  readonly paths: Partial<Readonly<Record<Endpoint, string>>>
  /** `max_tokens`: it does not know `max_completion_tokens`, which is sent under the old name. */
  readonly maxTokensField: 'as-written' | 'max_tokens'
  /** `system`: it has no `developer` role, such messages are sent as `system`. */
  readonly developerRole: 'supported' | 'system'
  /** Whether `stream_options.include_usage` may be sent; `ignored`: it makes no difference; `rejected`: it is taken out. */
  readonly includeUsage: 'supported' | 'ignored' | 'rejected'
  /** Parameters that it refuses and that change nothing in the answer's meaning: taken out. */
  readonly removed: readonly string[]
  /** Parameters that it has under another name. */
  readonly renamed: Readonly<Record<string, string>>
  /** Parameters that it takes and does not honour: they are sent, and the caller is told. */
  readonly ignored: readonly string[]
  /** Its client-sent routing members are taken out (law 1). */
  readonly dropRouting: boolean
  /** `""`: it refuses a message whose `content` is null. */
  readonly contentNull: 'null' | '""'
  /** A higher temperature is lowered to this. */
  readonly temperatureMax: number
  /** It gives floats whatever is asked, or fails when base64 is asked: `encoding_format` is taken out. */
  readonly embeddingsBase64: 'supported' | 'unsupported'
  /** Its `completion_tokens` leave `reasoning_tokens` out. */
  readonly reasoningExcluded: boolean
  /** Where its own price of the answer stands; none is believed unless declared. */
  readonly reportedCost: ReportedCost
  /** A 400 or 413 without a body means that the prompt is too long. */
  readonly emptyBadRequestIsOverflow: boolean
  /** `openai`: it has every member of OpenAI's own interface; `common`: the older ones. Of conversations from other dialects only. */
  readonly members: 'openai' | 'common'
  /** Whose signatures chat completions take there (`Signature`): of conversations from other dialects. OpenAI's have a place in Responses alone. */
  readonly vendor: string
  /** Members that are not sent to it for conversations from other dialects: it refuses them or does not honour them. */
  readonly unsent: readonly string[]
  readonly topK: boolean
  /** It takes `reasoning_effort`. */
  readonly effort: boolean
  /** The efforts that it knows; none: all of them. */
  readonly efforts: readonly string[]
  /** `emulated`: it knows `json_object` alone, the schema is asked for in words; `bare`: it wants the schema without a name around it. */
  readonly jsonSchema: 'supported' | 'emulated' | 'bare'
  /** It takes Anthropic's marks on parts. */
  readonly cacheMarks: 'none' | 'cache_control'
  /** Where thoughts of earlier turns go back to it. */
  readonly replayReasoning: 'none' | 'reasoning_content' | 'reasoning' | 'reasoning_details'
  /**
   * What other vendors hang on messages, where the caller speaks chat completions too. `sent`: whoever answers behind it may be their vendor;
   * `unsigned`: what they signed is left out; `refused`: it is an error to it, so that their thoughts are left out as well.
   */
  readonly foreignMembers: 'sent' | 'unsigned' | 'refused'
  /** The only members of messages that it takes, thoughts aside; none: any. */
  readonly messageMembers: readonly string[]
  /** `nine`: ids of calls are nine letters and digits. */
  readonly toolIds: 'any' | 'nine'
  readonly requiredToolChoice: 'required' | 'any'
  /** How files and sounds are written: as OpenAI does it, or as Mistral does. */
  readonly media: 'openai' | 'mistral'
  /** User and assistant must speak in turns. */
  readonly alternates: boolean
}

const OPENAI: Quirks = {
  auth: 'bearer',
  paths: {},
  maxTokensField: 'as-written',
  developerRole: 'supported',
  includeUsage: 'supported',
  removed: [],
  renamed: {},
  ignored: [],
  dropRouting: false,
  contentNull: 'null',
  temperatureMax: Number.POSITIVE_INFINITY,
  embeddingsBase64: 'supported',
  reasoningExcluded: false,
  reportedCost: 'none',
  emptyBadRequestIsOverflow: false,
  members: 'common',
  vendor: 'openai-chat',
  unsent: [],
  topK: false,
  effort: true,
  efforts: [],
  jsonSchema: 'supported',
  cacheMarks: 'none',
  replayReasoning: 'none',
  foreignMembers: 'unsigned',
  messageMembers: [],
  toolIds: 'any',
  requiredToolChoice: 'required',
  media: 'openai',
  alternates: false,
}

/** The whole set: what a definition leaves out is as OpenAI does it; an aggregator drops routing members in any case, and may stand before any vendor. */
export function quirksOf(definition: ProviderDefinition): Quirks {
  const quirks = { ...OPENAI, ...definition.quirks }
  return definition.aggregator === true ? { ...quirks, dropRouting: true, foreignMembers: 'sent' } : quirks
}
