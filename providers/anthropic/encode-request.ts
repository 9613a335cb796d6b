import type { Account, Encode, Encoded } from '#src/core/adapter.ts'
import type { EncodeConversation } from '#src/core/codec.ts'
import type { Conversation, Turn } from '#src/core/conversation.ts'
import { arrayAt, stringAt, type JsonObject } from '#src/core/json.ts'
import { editJson, type Edit } from '#src/core/json-scan.ts'
import { describedSchema } from '#src/core/parts.ts'
import { isRouting } from '#providers/openai-compatible/routing.ts'
import { blockOf, isSystem, messagesOf, type Writing } from './encode-blocks.ts'
import { schemaFor } from './encode-schema.ts'
import { thinkingOf, type Thinking } from './encode-thinking.ts'
import { demandOf, toolsOf } from './encode-tools.ts'
import { traitsOf, type ModelTraits } from './model-traits.ts'
import { knowsLaterSystem } from './support.ts'
import { DEFAULT_MAX_TOKENS, OLD_VERSION, SAMPLING, VERSION } from './wire.ts'

/** A request in Anthropic's own dialect: the caller's bytes with the upstream's model, in the version of the API that the caller named. */
export function encodeNative({ request, model, account }: Encode): Encoded {
  const { edits, warnings } = withoutRouting(request.body)
  return {
    upstream: {
      method: 'POST',
      url: `${account.baseUrl}/messages${request.endpoint === 'countTokens' ? '/count_tokens' : ''}`,
      headers: {
        ...headersFor(account, request.stream),
        'anthropic-version': versionFor(request.body),
        ...request.headers,
        ...account.headers,
      },
      body: editJson(request.text, [{ op: 'set', key: 'model', value: JSON.stringify(model) }, ...edits]),
    },
    warnings,
  }
}

/** A conversation for Anthropic's own host. */
export function encodeConversation(input: EncodeConversation): Encoded {
  const { account, model, stream } = input
  const { body, warnings } = messageBody(input)
  return {
    upstream: {
      method: 'POST',
      url: `${account.baseUrl}/messages`,
      headers: { ...headersFor(account, stream), 'anthropic-version': versionFor(body), ...account.headers },
      body: JSON.stringify({ model, ...body, ...(stream && { stream: true }) }),
    },
    warnings,
  }
}

function headersFor({ apiKey }: Account, stream: boolean): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: stream ? 'text/event-stream' : 'application/json',
    ...(apiKey !== undefined && apiKey !== '' && { 'x-api-key': apiKey }),
  }
}

/** The newer version, unless the body holds what only the older one has. */
export function versionFor(body: JsonObject): string {
  const sampled = SAMPLING.some((name) => body[name] !== undefined && body[name] !== null)
  const later = (arrayAt(body, 'messages') ?? []).some((message) => stringAt(message, 'role') === 'system')
  return sampled && !later ? OLD_VERSION : VERSION
}

/** Members that must not travel: another model than the one that was decided on would answer. */
export function withoutRouting(body: JsonObject): {
  readonly edits: readonly Edit[]
  readonly warnings: readonly string[]
} {
  const keys = Object.keys(body).filter((key) => key !== 'model' && isRouting(key))
  return {
    edits: keys.map((key) => ({ op: 'remove', key })),
    warnings: keys.map((key) => `\`${key}\` was not sent: it would choose who answers`),
  }
}

/** What a host of these models speaks. */
export interface Host {
  /** Its version of the API knows `system` among the messages. */
  readonly laterSystem: boolean
}

/** The body without model and stream, which other hosts of the same models write elsewhere. */
export function messageBody(
  input: Pick<EncodeConversation, 'conversation' | 'model' | 'maxOutput'>,
  host: Host = { laterSystem: true },
): { readonly body: JsonObject; readonly warnings: readonly string[] } {
  const { conversation, model } = input
  const traits = traitsOf(model)
  const warnings = new Set<string>()
  const writing: Writing = { laterSystem: host.laterSystem && knowsLaterSystem(traits), warnings }
  const limit = limitOf(input, traits, warnings)
  const thinking = thinkingOf(conversation, { traits, limit, warnings })
  const body = {
    max_tokens: limit,
    ...turnsOf(conversation, traits, writing),
    ...(thinking.thinking && { thinking: thinking.thinking }),
    ...outputOf(conversation, thinking, { traits, warnings }),
    ...samplingOf(conversation, { model, thinking, warnings }),
    ...settingsOf(conversation, warnings),
    ...toolsOf(conversation, { traits, warnings }),
  }
  return { body, warnings: [...warnings] }
}

/** System text in front of everything is `system`, with what has to be said in words; later text stays where it was. */
function turnsOf(conversation: Conversation, traits: ModelTraits, writing: Writing): JsonObject {
  const { turns } = conversation
  const begin = turns.findIndex(({ role }) => !isSystem(role))
  const front = begin < 0 ? turns : turns.slice(0, begin)
  const said = instructionsOf(conversation, traits).map((text) => ({ type: 'text', text }))
  const system = [...front.flatMap(({ parts }: Turn) => parts.flatMap((part) => blockOf(part, writing))), ...said]
  const messages = begin < 0 ? [] : messagesOf(turns.slice(begin), writing)
  if (messages.length > 0) return { ...(system.length > 0 && { system }), messages }
  writing.warnings.add("system text was sent as the user's: the provider wants a message")
  return { messages: [{ role: 'user', content: system }] }
}

function instructionsOf(conversation: Conversation, traits: ModelTraits): readonly string[] {
  const format = conversation.output?.value
  const demand = demandOf(conversation, traits)
  const instructions = demand === undefined ? [] : [demand]
  if (format?.kind === 'json') instructions.push('Answer with one JSON object and nothing else.')
  if (format?.kind === 'schema' && !traits.schema) {
    instructions.push(
      `Answer with JSON that fits this JSON Schema, and nothing else, not even a code fence: ${JSON.stringify(describedSchema(format))}`,
    )
  }
  return instructions
}

function limitOf(
  { conversation, maxOutput }: Pick<EncodeConversation, 'conversation' | 'maxOutput'>,
  traits: ModelTraits,
  warnings: Set<string>,
): number {
  const asked = conversation.settings.max_output_tokens?.value ?? maxOutput ?? traits.maxOutput
  if (asked !== undefined) return asked
  warnings.add(`\`max_tokens\` was set to ${DEFAULT_MAX_TOKENS}: the provider demands one`)
  return DEFAULT_MAX_TOKENS
}

interface Told {
  readonly traits: ModelTraits
  readonly warnings: Set<string>
}

function outputOf({ output }: Conversation, { effort }: Thinking, { traits, warnings }: Told): JsonObject {
  const config = { ...(effort !== undefined && { effort }) }
  if (output?.value.kind !== 'schema' || !traits.schema) return effort === undefined ? {} : { output_config: config }
  const { schema, changed } = schemaFor(describedSchema(output.value))
  if (changed) warnings.add(`the schema of \`${output.param}\` was changed: the provider knows fewer constraints`)
  return { output_config: { ...config, format: { type: 'json_schema', schema } } }
}

interface Sampled {
  readonly model: string
  readonly thinking: Thinking
  readonly warnings: Set<string>
}

/** Sampling that the model takes; beside thoughts it takes none, and newer models either a temperature or a `top_p`. */
function samplingOf({ settings }: Conversation, { model, thinking, warnings }: Sampled): JsonObject {
  const { temperature, top_p, top_k } = settings
  const type = thinking.thinking?.['type']
  if (type !== undefined && type !== 'disabled') {
    for (const setting of [temperature, top_p, top_k]) {
      if (setting && setting.value !== 1)
        warnings.add(`\`${setting.param}\` was not sent: the provider does not take it where the model thinks`)
    }
    return {}
  }
  if (temperature && temperature.value > 1)
    warnings.add(`\`${temperature.param}\` was lowered to 1, the provider's highest`)
  const both = temperature !== undefined && top_p !== undefined && model.includes('claude')
  if (both && top_p.value !== 1)
    warnings.add(`\`${top_p.param}\` was not sent: the provider does not take it beside \`temperature\``)
  return {
    ...(temperature && { temperature: Math.min(1, temperature.value) }),
    ...(top_p && !both && { top_p: top_p.value }),
    ...(top_k && { top_k: top_k.value }),
  }
}

/** The words for tiers: OpenAI's on this side of the colon are the common ones. */
const TIERS: Readonly<Record<string, string>> = {
  auto: 'auto',
  default: 'standard_only',
  standard_only: 'standard_only',
}

function settingsOf({ settings }: Conversation, warnings: Set<string>): JsonObject {
  const { user, stop, service_tier } = settings
  const stops = stop?.value.filter((text) => text.trim() !== '') ?? []
  if (stop && stops.length < stop.value.length) {
    warnings.add(`blank texts of \`${stop.param}\` were not sent: the provider refuses them`)
  }
  const tier = service_tier && TIERS[service_tier.value]
  if (service_tier && tier === undefined)
    warnings.add(`\`${service_tier.param}\` was not sent: the provider has no tier \`${service_tier.value}\``)
  return {
    ...(stops.length > 0 && { stop_sequences: stops }),
    ...(user && { metadata: { user_id: user.value } }),
    ...(tier !== undefined && { service_tier: tier }),
  }
}
