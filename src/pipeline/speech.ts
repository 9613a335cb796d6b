import type { Adapter } from '#src/core/adapter.ts'
import type { ConversationCodec } from '#src/core/codec.ts'
import type { Conversation } from '#src/core/conversation.ts'
import type { Dialect } from '#src/core/dialect.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { FailureError, type Failure } from '#src/core/failure.ts'
import { honour, type Honoured } from '#src/core/honour.ts'
import { holdsForeign } from '#src/core/signature.ts'
import { isNative } from '#src/core/native.ts'
import type { Unspeakable } from '#src/core/recorded.ts'
import type { ApiRequest } from '#src/core/request.ts'
import type { Target } from '#src/core/target.ts'
import { withThoughts, type Kept } from './thoughts.ts'

/** How a request is said to a target: as it came, through the internal form, or not at all. */
export type Spoken =
  | { readonly kind: 'native' }
  | { readonly kind: 'translated'; readonly codec: ConversationCodec; readonly honoured: Honoured }
  /** Nobody is asked: tutti answers with an estimate. */
  | { readonly kind: 'estimated' }
  | ({ readonly kind: 'unspeakable' } & Unspeakable)

/** Finds how one request is said to each of its targets; what several targets need is worked out once. */
export type Speech = (target: Target) => Spoken

const NATIVE: Spoken = { kind: 'native' }
const ESTIMATED: Spoken = { kind: 'estimated' }

export interface SpeechOptions {
  /** Whatever the caller would only be warned of makes a target unable to do what is asked. */
  readonly strict?: boolean | undefined
  /** The answer is looked into, so that it must come through the internal form wherever there is one. */
  readonly readable?: boolean
  /** Thoughts that were kept for the request's calls. */
  readonly kept?: ReadonlyMap<string, Kept> | undefined
}

/** How the targets of one request are spoken to. */
export function createSpeech(dialect: Dialect, request: ApiRequest, options: SpeechOptions = {}): Speech {
  const { strict = false, kept, readable = false } = options
  // Another vendor's signatures are left out by the internal form, or by a dialect that knows its thoughts by their items.
  const { translation, memory } = dialect
  const carries = translation !== undefined && (!translation.calls || translation.carriesThoughts === true)
  const foreign = carries && !memory && holdsForeign(request.text)
  let read: Conversation | Failure | undefined
  let known: Map<string, Spoken> | undefined

  function translated(target: Target): Spoken {
    const { adapter } = target.provider
    const serving = (adapter.codecs ?? []).filter((codec) => codec.serves?.(target.model) ?? true)
    // Of equals the caller's own: what it alone has stays.
    const codecs = serving.toSorted(
      (a, b) => Number(b.wire === translation?.wire) - Number(a.wire === translation?.wire),
    )
    if (!dialect.translation || codecs.length === 0)
      return { kind: 'unspeakable', ...noEndpoint(adapter, request.endpoint) }
    read ??= readConversation(() => {
      const conversation = dialect.translation?.read(request)
      return conversation && kept ? withThoughts(conversation, kept) : conversation
    })
    if (read === undefined) return { kind: 'unspeakable', ...noEndpoint(adapter, request.endpoint) }
    if ('status' in read) return unreadable(read)
    const spoken = leastLoss(read, codecs, target)
    const [warning] = strict && spoken.kind === 'translated' ? warningsOf(spoken, target, request) : []
    return warning === undefined ? spoken : strictly(warning)
  }

  return (target) => {
    const { adapter } = target.provider
    const through = (foreign || (readable && translation !== undefined)) && adapter.codecs?.length
    if (isNative(adapter, request.endpoint, target.model) && !through) return NATIVE
    if (dialect.estimate) return ESTIMATED
    // What an encoder warns of depends on what is known of the target.
    const name = strict ? target.id : `${adapter.type} ${target.model}`
    known ??= new Map()
    const found = known.get(name) ?? translated(target)
    known.set(name, found)
    return found
  }
}

function readConversation(read: () => Conversation | undefined): Conversation | Failure | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof FailureError) return error.failure
    throw error
  }
}

/** A warning as the reason of a refusal: the field that it names first is what it is about. */
function strictly(warning: string): Spoken {
  const [, name = ''] = warning.split('`')
  const param = name === '' || name.includes(' ') ? 'model' : name
  return { kind: 'unspeakable', code: 'strict', reason: `the key is \`strict\`, and ${warning}`, param }
}

/** Why nobody there can be asked. */
export function noEndpoint({ title }: Adapter, endpoint: Endpoint): Unspeakable {
  return { code: 'endpoint_missing', reason: `${title} has no endpoint for ${endpoint}`, param: 'model' }
}

/** Only its own dialect's upstreams could answer it. */
function unreadable({ message, param }: Failure): Spoken {
  return { kind: 'unspeakable', code: 'untranslatable', reason: message, param: param ?? 'model' }
}

/** Of several forms the one that refuses least, then the one that warns least, the first of equals. */
function leastLoss(conversation: Conversation, codecs: readonly ConversationCodec[], target: Target): Spoken {
  const tried = codecs.map((codec) => ({ codec, honoured: honour(conversation, codec, target.model) }))
  const [best] = tried.toSorted((a, b) => lossOf(a.honoured) - lossOf(b.honoured))
  if (!best) throw new RangeError(`${target.id} speaks no form`)
  const [refusal] = best.honoured.refusals
  if (refusal) {
    const reason = `\`${target.id}\` cannot take \`${refusal.param}\` (${refusal.feature})`
    return { kind: 'unspeakable', code: `${refusal.feature}_missing`, reason, param: refusal.param }
  }
  return { kind: 'translated', ...best }
}

/** Everything that the caller would be told, what the encoder changes included. */
function warningsOf(
  { codec, honoured }: Extract<Spoken, { kind: 'translated' }>,
  { model, provider, facts: { maxOutput } }: Target,
  { stream }: ApiRequest,
): readonly string[] {
  const [account] = provider.accounts
  if (!account) return honoured.warnings
  const input = { conversation: honoured.conversation, model, account, stream }
  const { warnings } = codec.encode({ ...input, ...(maxOutput !== undefined && { maxOutput }) })
  return [...honoured.warnings, ...warnings]
}

/** More refusals than any conversation has warnings. */
const REFUSAL = 1_000_000

function lossOf({ warnings, refusals }: Honoured): number {
  return refusals.length * REFUSAL + warnings.length
}
