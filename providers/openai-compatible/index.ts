import type { Adapter } from '#src/core/adapter.ts'
import { responsesCodec } from './responses-codec.ts'
import { chatCodec } from './chat-codec.ts'
import { quirksOf, type ProviderDefinition } from './definition.ts'
import { encodeForm } from './encode-form.ts'
import { encodeRequest } from './encode-request.ts'
import { decodeError } from './map-error.ts'
import { observe } from './observe.ts'
import { servedBy } from './said.ts'

/** A vendor that speaks OpenAI's dialect, from what it declares about itself. */
export function defineProvider(definition: ProviderDefinition): Adapter {
  const quirks = quirksOf(definition)
  const local = definition.local ?? false
  const isOwn = ownAddress(definition)
  const endpoints = definition.endpoints ?? ['chat', 'completions', 'embeddings']
  return {
    type: definition.type,
    title: definition.title,
    endpoints,
    ...(definition.baseUrl === undefined ? {} : { baseUrl: definition.baseUrl }),
    ...(definition.regions === undefined ? {} : { regions: definition.regions }),
    ...(definition.settings === undefined ? {} : { settings: definition.settings }),
    local,
    credential: definition.credential ?? (local ? 'optional' : 'required'),
    modelsMustBeDeclared: definition.modelsMustBeDeclared ?? false,
    aggregator: definition.aggregator ?? false,
    ...(definition.routes === undefined ? {} : { routes: definition.routes }),
    ...(definition.steeringMarks === undefined ? {} : { steeringMarks: definition.steeringMarks }),
    ...(definition.elsewhere === undefined ? {} : { elsewhere: definition.elsewhere }),
    ...(definition.inventory === undefined ? {} : { inventory: definition.inventory }),
    facts: definition.facts ?? {},
    ...(quirks.members === 'openai' && { cacheMark: 'prompt_cache_key' as const }),
    ...(definition.searchesUnasked && { searchesUnasked: true as const }),
    streamEnd: definition.streamEnd ?? 'done-required',
    // Their last event says that it is the last; not everybody writes `[DONE]` behind it.
    streamEnds: { speech: 'done-optional', transcriptions: 'done-optional', translations: 'done-optional' },
    ...(quirks.replayReasoning === 'reasoning_content' && { replays: chatCodec(quirks) }),
    codecs: [
      ...(endpoints.includes('chat') ? [chatCodec(quirks)] : []),
      ...(endpoints.includes('responses') ? [responsesCodec(quirks)] : []),
    ],
    encode(input) {
      const theirs = isOwn(input.account.baseUrl) ? quirks : { ...quirks, dropRouting: true }
      return input.request.form ? encodeForm(input, input.request.form, theirs) : encodeRequest(input, theirs)
    },
    decodeError: (head, body) => decodeError(head, body, quirks),
    observe: (value, kind) => observe(value, kind, quirks),
    servedBy: definition.servedBy ?? servedBy,
  }
}

/**
 * Whether the vendor itself answers there: at an address of the operator's own, the local ones among them, a gateway may that routes (law 1). No
 * address of its own: it does.
 */
function ownAddress({ baseUrl, regions = {}, local = false }: ProviderDefinition): (address: string) => boolean {
  if (local) return () => false
  const own = [baseUrl, ...Object.values(regions).map((region) => region.baseUrl)]
  const origins = own.flatMap((url) => (url === undefined ? [] : [new URL(url).origin]))
  return (address) => origins.length === 0 || origins.some((origin) => `${address}/`.startsWith(`${origin}/`))
}

/** Any host that speaks the dialect: nothing about it is known, so nothing is believed of it. */
export const openaiCompatible = defineProvider({
  type: 'openai-compatible',
  title: 'OpenAI-compatible host',
  endpoints: [
    'chat',
    'completions',
    'embeddings',
    'moderations',
    'imageGenerations',
    'imageEdits',
    'speech',
    'transcriptions',
    'translations',
    'rerank',
    'decisions',
  ],
  credential: 'optional',
  streamEnd: 'done-optional',
  // The host may be a gateway that routes.
  quirks: { dropRouting: true, foreignMembers: 'sent' },
})
