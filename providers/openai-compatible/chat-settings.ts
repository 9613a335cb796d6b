import type { Conversation, Setting, SettingName, SettingValues } from '#src/core/conversation.ts'
import type { Json, JsonObject } from '#src/core/json.ts'
import { isThinking } from './chat-support.ts'
import type { Quirks } from './definition.ts'
import { effortOf } from './effort.ts'

/** Whom a request is for, and what was changed on its way. */
export interface Target {
  readonly model: string
  readonly quirks: Quirks
  readonly warnings: string[]
}

/** What OpenAI takes of an end user's name and of a cache key, in characters. */
const MAX_NAME = 64

/** The settings of a conversation as members of the body. */
export function settingsOf(conversation: Conversation, target: Target): JsonObject {
  const { model, quirks, warnings } = target
  const { settings } = conversation
  const value = <Name extends SettingName>(name: Name): SettingValues[Name] | undefined => settings[name]?.value
  const logprobs = value('logprobs')
  const newer = quirks.members === 'openai' || (quirks.maxTokensField === 'as-written' && isThinking(model))
  const members: Readonly<Record<string, Json | undefined>> = {
    [newer ? 'max_completion_tokens' : 'max_tokens']: value('max_output_tokens'),
    temperature: temperatureOf(settings.temperature, target),
    top_p: value('top_p'),
    top_k: value('top_k'),
    frequency_penalty: value('frequency_penalty'),
    presence_penalty: value('presence_penalty'),
    [quirks.renamed['seed'] ?? 'seed']: value('seed'),
    stop: value('stop'),
    n: value('choices'),
    logprobs: logprobs === undefined ? undefined : true,
    top_logprobs: logprobs === 0 ? undefined : logprobs,
    logit_bias: value('logit_bias'),
    parallel_tool_calls: conversation.tools.length === 0 ? undefined : value('parallel_tools'),
    verbosity: value('verbosity'),
    service_tier: tierOf(value('service_tier'), warnings),
    metadata: value('metadata'),
    ...userOf(value('user'), quirks),
    prompt_cache_key: keyOf(value('cache_key'), warnings),
    modalities: value('modalities'),
    audio: value('speech'),
    store: value('store'),
    ...reasoningOf(conversation, target),
  }
  return Object.fromEntries(Object.entries(members).filter(([, own]) => own !== undefined))
}

function temperatureOf(setting: Setting<number> | undefined, { quirks, warnings }: Target): number | undefined {
  if (!setting || setting.value <= quirks.temperatureMax) return setting?.value
  warnings.push(`\`${setting.param}\` was lowered to ${quirks.temperatureMax}, the provider's highest`)
  return quirks.temperatureMax
}

/** OpenAI's own words, and what others call the same. */
const TIERS: Readonly<Record<string, string>> = { standard: 'default', standard_only: 'default' }
const OWN_TIERS = ['auto', 'default', 'flex', 'scale', 'priority', 'fast']

function tierOf(value: string | undefined, warnings: string[]): string | undefined {
  const tier = value === undefined ? undefined : (TIERS[value] ?? value)
  if (tier === undefined || OWN_TIERS.includes(tier)) return tier
  warnings.push(`\`service_tier\` was not sent: the provider has no \`${tier}\``)
  return undefined
}

/** A longer name than the newer member takes goes under the older one. */
function userOf(value: string | undefined, { members }: Quirks): Readonly<Record<string, string>> {
  if (value === undefined) return {}
  return members === 'openai' && value.length <= MAX_NAME ? { safety_identifier: value } : { user: value }
}

function keyOf(value: string | undefined, warnings: string[]): string | undefined {
  if (value === undefined || value.length <= MAX_NAME) return value
  warnings.push(`\`prompt_cache_key\` was cut to ${MAX_NAME} characters, the provider's most`)
  return value.slice(0, MAX_NAME)
}

/** From the least to the most. */
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

/** `reasoning_effort`: of those that the provider knows the nearest below, or its least. */
function reasoningOf(
  conversation: Conversation,
  { quirks, warnings }: Target,
): Readonly<Record<string, Json | undefined>> {
  const { reasoning_effort: asked } = effortOf(conversation, warnings)
  if (typeof asked !== 'string' || quirks.efforts.length === 0 || quirks.efforts.includes(asked))
    return { reasoning_effort: asked }
  const known = EFFORTS.filter((effort) => quirks.efforts.includes(effort))
  const own = known.findLast((effort) => EFFORTS.indexOf(effort) <= EFFORTS.indexOf(asked)) ?? known[0]
  warnings.push(`\`reasoning_effort\` was sent as \`${own ?? asked}\`: the provider has no \`${asked}\``)
  return { reasoning_effort: own }
}
