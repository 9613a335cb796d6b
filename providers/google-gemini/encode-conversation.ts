import type { Encoded } from '#src/core/adapter.ts'
import type { EncodeConversation } from '#src/core/codec.ts'
import type { Conversation } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { describedSchema, jsonDemand } from '#src/core/parts.ts'
import { configOf } from './encode-config.ts'
import { contentsOf, type Contents } from './encode-contents.ts'
import { headersFor } from './encode-request.ts'
import { toolsOf } from './encode-tools.ts'
import type { Host } from './support.ts'
import { actionPath, generating, generationOf, THIRD } from './wire.ts'

/** A conversation for Gemini's own API. */
export function encodeConversation(input: EncodeConversation): Encoded {
  const { account, model, stream } = input
  const { body, warnings } = bodyOf(input, 'gemini')
  return {
    upstream: {
      method: 'POST',
      url: account.baseUrl + actionPath(model, generating(stream)),
      headers: headersFor(account, stream),
      body: JSON.stringify(body),
    },
    warnings,
  }
}

/** The body, which is the same at both hosts but for what one of them has no field for. */
export function bodyOf(
  { conversation, model }: EncodeConversation,
  host: Host,
): { readonly body: JsonObject; readonly warnings: readonly string[] } {
  const warnings: string[] = []
  const generation = generationOf(model)
  const ids = host === 'gemini' && (generation ?? 0) >= THIRD
  const format = formatOf(conversation, generation ?? 0, warnings)
  const { system, contents } = spoken(contentsOf(conversation, { generation, ids }), warnings)
  const texts = [...system, ...format.instruction]
  const config = { ...configOf(conversation, model, warnings), ...format.config }
  const tier = tierOf(conversation, warnings)
  const body = {
    ...(texts.length > 0 && { systemInstruction: { parts: texts.map((text) => ({ text })) } }),
    contents,
    ...toolsOf(conversation, warnings),
    ...(Object.keys(config).length > 0 && { generationConfig: config }),
    ...(tier !== undefined && { serviceTier: tier }),
  }
  return { body, warnings }
}

/** The API answers the user only: where nobody else spoke, system text is the user's. */
function spoken({ system, contents }: Contents, warnings: string[]): Contents {
  if (contents.length > 0) return { system, contents }
  warnings.push("the system's text was sent as the user's: the provider answers nobody else")
  return { system: [], contents: [{ role: 'user', parts: system.map((text) => ({ text })) }] }
}

interface Format {
  readonly config: JsonObject
  readonly instruction: readonly string[]
}

/** Models before the third generation refuse a form of the answer beside tools: there it is asked for in words. */
function formatOf({ output, tools }: Conversation, generation: number, warnings: string[]): Format {
  if (!output) return { config: {}, instruction: [] }
  const { value, param } = output
  const schema = value.kind === 'schema' ? describedSchema(value) : undefined
  if (tools.length === 0 || generation >= THIRD)
    return {
      config: { responseMimeType: 'application/json', ...(schema && { responseJsonSchema: schema }) },
      instruction: [],
    }
  warnings.push(`\`${param}\` was asked for in words: the provider does not take it beside tools`)
  return { config: {}, instruction: [jsonDemand(value)] }
}

/** Google's words for what others call by theirs. */
const TIERS: Readonly<Record<string, string>> = {
  default: 'standard',
  standard: 'standard',
  flex: 'flex',
  priority: 'priority',
}

function tierOf({ settings: { service_tier: tier } }: Conversation, warnings: string[]): string | undefined {
  if (!tier) return undefined
  const own = TIERS[tier.value]
  if (own === undefined) warnings.push(`\`${tier.param}\` was not sent: the provider has no tier \`${tier.value}\``)
  return own
}
