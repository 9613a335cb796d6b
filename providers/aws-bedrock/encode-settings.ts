import type { Conversation, Reasoning } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { isForced, isUnsignedLoop } from '#providers/anthropic/encode-thinking.ts'
import type { Traits } from './model-traits.ts'
import { VENDOR } from './wire.ts'

/** Settings in Converse's own places, and in the model's. */
export interface WireSettings {
  readonly body: JsonObject
  /** `additionalModelRequestFields`. */
  readonly fields: JsonObject
}

type Input = Pick<Conversation, 'turns' | 'settings' | 'reasoning' | 'toolChoice' | 'output'>

/** Limits, sampling, thinking, the tier and the labels of a request. */
export function settingsOf(input: Input, traits: Traits, warnings: Set<string>): WireSettings {
  const thinking = thinkingOf(input, traits, warnings)
  const config = inferenceConfig(input, { thinking, traits, warnings })
  const topK = thinking.on ? undefined : topKOf(input, traits)
  return {
    body: {
      ...(Object.keys(config).length > 0 && { inferenceConfig: config }),
      ...labelsOf(input, warnings),
      ...(input.settings.stop && traits.family === 'claude' && { additionalModelResponseFieldPaths: [STOP_SEQUENCE] }),
    },
    fields: { ...thinking.fields, ...topK },
  }
}

/** Where Claude says which of the stop sequences it met. */
const STOP_SEQUENCE = '/delta/stop_sequence'

interface Thinking {
  readonly on: boolean
  readonly fields: JsonObject
}

const SILENT: Thinking = { on: false, fields: {} }
/** Tokens: Claude's least budget, and the room that an answer has beside one that takes all that there was. */
const LEAST = 1024

function thinkingOf(input: Input, traits: Traits, warnings: Set<string>): Thinking {
  const { reasoning, toolChoice } = input
  if (reasoning === undefined || traits.thinking === undefined) return SILENT
  const { value, param } = reasoning
  const off = value.effort === 'none' || value.budget === 0
  switch (traits.thinking) {
    case 'effort':
      return {
        on: false,
        fields: { reasoning_effort: withinLevels(value.effort, ['low', 'medium', 'high'], warnings) },
      }
    case 'nova':
      return off ? SILENT : novaThinking(input, value.effort, warnings)
    default:
      if (off) return traits.thinking === 'adaptive' ? withoutThoughts(param, traits, warnings) : SILENT
      if (traits.forced && isForced(toolChoice?.value)) {
        warnings.add(`\`${param}\` was not sent: the model does not think where it must call a tool`)
        return SILENT
      }
      if (hasBudget(value, traits) && isUnsignedLoop(input.turns, VENDOR)) {
        warnings.add(`\`${param}\` was not sent: the thoughts behind the last calls of tools are not there`)
        return SILENT
      }
      return traits.thinking === 'budget' ? budgeted(input, warnings) : adaptive(value, traits, warnings)
  }
}

/** Claude's newer models cannot be told not to think. */
function withoutThoughts(param: string, { off, efforts }: Traits, warnings: Set<string>): Thinking {
  if (off === 'disabled') return { on: false, fields: { thinking: { type: off } } }
  warnings.add(`\`${param}\`: the model always thinks, it was asked for as little as it can`)
  const config = efforts.includes('low') ? { output_config: { effort: 'low' } } : {}
  return { on: true, fields: { ...(off && { thinking: { type: off } }), ...config } }
}

/** Whether thoughts are asked for by tokens: then the API wants those behind the calls that it is to go on from. */
function hasBudget({ budget }: Reasoning, { thinking, sampling }: Traits): boolean {
  return thinking === 'budget' || (sampling && budget !== undefined && budget >= LEAST)
}

function adaptive(
  { effort, budget, summary }: Reasoning,
  { sampling, efforts }: Traits,
  warnings: Set<string>,
): Thinking {
  const display = summary === undefined ? {} : { display: summary === false ? 'omitted' : 'summarized' }
  const level = effort === undefined ? undefined : withinLevels(effort, efforts, warnings)
  const config = level === undefined ? {} : { output_config: { effort: level } }
  if (budget !== undefined && sampling && budget >= LEAST) {
    return { on: true, fields: { thinking: { type: 'enabled', budget_tokens: budget, ...display }, ...config } }
  }
  if (budget !== undefined && budget > 0) warnings.add('the reasoning budget was left to the model: it takes none')
  return { on: true, fields: { thinking: { type: 'adaptive', ...display }, ...config } }
}

/** Tokens of thought that an effort stands for, on models that know only budgets. */
const BUDGETS: Readonly<Record<string, number>> = {
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_768,
}

function budgeted({ reasoning, settings }: Input, warnings: Set<string>): Thinking {
  const { effort, budget, adaptive: free } = reasoning?.value ?? {}
  const asked =
    budget ?? (effort === undefined ? undefined : BUDGETS[effort]) ?? (free === true ? BUDGETS['medium'] : undefined)
  if (asked === undefined) return SILENT
  const limit = settings.max_output_tokens?.value
  const room = limit === undefined ? asked : Math.min(asked, limit - LEAST)
  const param = reasoning?.param ?? 'reasoning'
  if (room < LEAST && (limit ?? LEAST) <= LEAST) {
    warnings.add(
      `\`${param}\` was not sent: there is no room for thoughts within \`${settings.max_output_tokens?.param ?? ''}\``,
    )
    return SILENT
  }
  // Thoughts come out of the limit, which must be above them.
  const tokens = Math.max(LEAST, room)
  if (tokens !== budget) warnings.add(`\`${param}\` was sent as a budget of ${tokens} tokens`)
  return { on: true, fields: { thinking: { type: 'enabled', budget_tokens: tokens } } }
}

/** Nova refuses limits and sampling beside its highest effort. */
function novaThinking({ settings }: Input, effort: string | undefined, warnings: Set<string>): Thinking {
  const level = withinLevels(effort ?? 'medium', ['low', 'medium', 'high'], warnings)
  const bound = settings.max_output_tokens ?? settings.temperature ?? settings.top_p ?? settings.top_k
  const high = level === 'high' && bound !== undefined
  if (high)
    warnings.add(
      `the reasoning effort \`high\` was sent as \`medium\`: beside it the model does not take \`${bound.param}\``,
    )
  return { on: false, fields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: high ? 'medium' : level } } }
}

/** The nearest effort that the model knows. */
function withinLevels(effort: string | undefined, known: readonly string[], warnings: Set<string>): string {
  const wanted = effort ?? 'medium'
  if (known.includes(wanted)) return wanted
  const nearest = wanted === 'xhigh' || wanted === 'max' ? (known.at(-1) ?? 'high') : 'low'
  warnings.add(`the reasoning effort \`${wanted}\` was sent as \`${nearest}\``)
  return nearest
}

interface Config {
  readonly thinking: Thinking
  readonly traits: Traits
  readonly warnings: Set<string>
}

function inferenceConfig({ settings }: Input, { thinking, traits, warnings }: Config): JsonObject {
  const { max_output_tokens: limit, stop } = settings
  const stops = stop?.value.filter((text) => text.trim() !== '') ?? []
  if (stop && stops.length < stop.value.length) {
    warnings.add(`blank texts of \`${stop.param}\` were not sent: the provider refuses them`)
  }
  return {
    ...(limit && { maxTokens: limit.value }),
    ...samplingOf(settings, { thinking, traits, warnings }),
    ...(stops.length > 0 && { stopSequences: stops }),
  }
}

function samplingOf(settings: Input['settings'], { thinking, traits, warnings }: Config): JsonObject {
  const { temperature, top_p: topP, top_k: topK } = settings
  if (thinking.on) {
    for (const setting of [temperature, topP, topK]) {
      if (setting) warnings.add(`\`${setting.param}\` was not sent: the model does not take it while it thinks`)
    }
    return {}
  }
  // Claude refuses the two together since 4.1.
  const both = traits.family === 'claude' && temperature !== undefined && topP !== undefined
  if (both) warnings.add(`\`${topP.param}\` was not sent: the model takes it or \`${temperature.param}\``)
  if (temperature && temperature.value > 1) {
    warnings.add(`\`${temperature.param}\` was lowered to 1, the provider's highest`)
  }
  return {
    ...(temperature && { temperature: Math.min(1, temperature.value) }),
    ...(topP && !both && { topP: topP.value }),
  }
}

function topKOf({ settings }: Input, { topK }: Traits): JsonObject {
  const value = settings.top_k?.value
  if (value === undefined || topK === undefined) return {}
  return topK === 'inferenceConfig.topK' ? { inferenceConfig: { topK: value } } : { [topK]: value }
}

const TIERS: Readonly<Record<string, string>> = {
  default: 'default',
  standard: 'default',
  standard_only: 'default',
  flex: 'flex',
  priority: 'priority',
  fast: 'priority',
  reserved: 'reserved',
}

function labelsOf({ settings }: Input, warnings: Set<string>): JsonObject {
  const { service_tier: tier, metadata } = settings
  const type = tier && TIERS[tier.value]
  if (tier && type === undefined && tier.value !== 'auto') {
    warnings.add(`the \`${tier.param}\` \`${tier.value}\` was not sent: the provider has none of that name`)
  }
  const labels = Object.entries(metadata?.value ?? {}).filter(([name, value]) => isLabel(name) && isLabel(value))
  const left = labels.slice(0, MOST_LABELS)
  if (metadata && left.length < Object.keys(metadata.value).length) {
    warnings.add(
      `entries of \`${metadata.param}\` were not sent: the provider takes ${MOST_LABELS} short texts of plain letters`,
    )
  }
  return {
    ...(type !== undefined && { serviceTier: { type } }),
    ...(left.length > 0 && { requestMetadata: Object.fromEntries(left) }),
  }
}

const MOST_LABELS = 16
const LABEL_CHARS = ' :_@$#=/+,-.'

function isLabel(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 256 || value === '') return false
  return Array.from(value).every(
    (char) =>
      (char >= 'a' && char <= 'z') ||
      (char >= 'A' && char <= 'Z') ||
      (char >= '0' && char <= '9') ||
      LABEL_CHARS.includes(char),
  )
}
