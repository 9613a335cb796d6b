import type { Conversation, Reasoning, ToolChoice, Turn } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { effortOfBudget } from '#providers/openai-compatible/effort.ts'
import type { ModelTraits } from './model-traits.ts'
import { LEAST_BUDGET, VENDOR } from './wire.ts'

/** How a model is to think, in the API's terms. */
export interface Thinking {
  readonly thinking?: JsonObject
  /** `output_config.effort`. */
  readonly effort?: string
}

/** What thinking has to fit to. */
export interface Room {
  readonly traits: ModelTraits
  /** `max_tokens`. */
  readonly limit: number
  readonly warnings: Set<string>
}

/** Tokens that an effort stands for where a model knows budgets only. */
const BUDGETS: Readonly<Record<string, number>> = {
  minimal: LEAST_BUDGET,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_768,
}

/** Tokens that are left for the answer itself. */
const FOR_THE_ANSWER = 1024

/** The `thinking` of a request and the effort that goes with it. */
export function thinkingOf(conversation: Conversation, room: Room): Thinking {
  const { reasoning } = conversation
  if (!reasoning) return {}
  const { value, param } = reasoning
  if (value.effort === 'none' || value.budget === 0) return withoutThoughts(param, room)
  const asked = value.budget ?? (room.traits.adaptive ? undefined : BUDGETS[value.effort ?? 'medium'])
  if (!room.traits.budget || asked === undefined) return adaptive(conversation, room)
  if (value.budget === undefined && value.effort === undefined && value.adaptive !== true) return {}
  return withBudget(conversation, asked, room)
}

function withoutThoughts(param: string, { traits, warnings }: Room): Thinking {
  if (traits.off === 'disabled') return { thinking: { type: 'disabled' } }
  warnings.add(`\`${param}\`: the model always thinks, it was asked for as little as it can`)
  return { ...(traits.off && { thinking: { type: traits.off } }), effort: 'low' }
}

function adaptive({ reasoning, toolChoice }: Conversation, { traits, warnings }: Room): Thinking {
  if (!traits.adaptive || !reasoning) return {}
  const { value, param } = reasoning
  const { budget } = value
  const effort = value.effort ?? (budget === undefined ? undefined : effortOfBudget(budget))
  if (budget !== undefined) {
    warnings.add(`\`${param}\`: the model takes no budget, it was sent as the effort \`${effort ?? ''}\``)
  }
  const tried = effort === undefined ? {} : { effort: effortFor(effort, param, { traits, warnings }) }
  if (traits.forced && isForced(toolChoice?.value)) {
    warnings.add(`\`${param}\` was not sent: ${NOT_FORCED}`)
    return tried
  }
  return { thinking: { type: 'adaptive', ...displayOf(value) }, ...tried }
}

function withBudget({ reasoning, turns, toolChoice }: Conversation, asked: number, room: Room): Thinking {
  const { traits, limit, warnings } = room
  if (!reasoning) return {}
  const { value, param } = reasoning
  const named = value.effort !== undefined && traits.efforts.length > 0
  const effort = named ? { effort: effortFor(value.effort, param, room) } : {}
  const why = obstacleOf({ turns, forced: isForced(toolChoice?.value), limit })
  if (why !== undefined) {
    warnings.add(`\`${param}\` was not sent: ${why}`)
    return effort
  }
  const budget = Math.min(Math.max(LEAST_BUDGET, asked), Math.max(LEAST_BUDGET, limit - FOR_THE_ANSWER))
  if (value.budget === undefined) warnings.add(`\`${param}\` was sent as a budget of ${budget} tokens`)
  else if (budget > asked) warnings.add(`\`${param}\` was raised to ${budget} tokens, the provider's lowest`)
  else if (budget < asked) warnings.add(`\`${param}\` was lowered to ${budget} tokens: the answer needs room beside it`)
  return { thinking: { type: 'enabled', budget_tokens: budget, ...displayOf(value) }, ...effort }
}

const NOT_FORCED = 'the provider does not think where a tool is demanded'

interface Situation {
  readonly turns: readonly Turn[]
  readonly forced: boolean
  readonly limit: number
}

/** What the API refuses beside a budget. */
function obstacleOf({ turns, forced, limit }: Situation): string | undefined {
  if (limit <= LEAST_BUDGET) return `\`max_tokens\` leaves no room for it`
  if (forced) return NOT_FORCED
  return isUnsignedLoop(turns, VENDOR) ? 'the thoughts behind the last calls of tools are not there' : undefined
}

/** Whether a call is demanded. */
export function isForced(choice: ToolChoice | undefined): boolean {
  if (choice?.kind === 'allowed') return choice.mode === 'required'
  return choice?.kind === 'required' || choice?.kind === 'named'
}

/** Inside a loop of tools the API wants the signed thought that led to the calls. `vendor`: whose signature counts. */
export function isUnsignedLoop(turns: readonly Turn[], vendor: string): boolean {
  const last = turns.findLast(({ role }) => role === 'assistant' || role === 'user')
  if (last?.role !== 'assistant' || !last.parts.some(({ type }) => type === 'tool-call')) return false
  return !last.parts.some((part) => part.type === 'reasoning' && part.signature?.vendor === vendor)
}

function displayOf({ summary }: Reasoning): JsonObject {
  return summary === undefined ? {} : { display: summary === false ? 'omitted' : 'summarized' }
}

/** The nearest effort that the model knows. */
function effortFor(
  effort: string | undefined,
  param: string,
  { traits, warnings }: Pick<Room, 'traits' | 'warnings'>,
): string {
  const { efforts } = traits
  const known = effort === undefined ? undefined : efforts.find((own) => own === effort)
  if (known !== undefined) return known
  const nearest =
    effort === 'xhigh' || effort === 'max' ? (efforts.at(-1) ?? 'high') : effort === 'minimal' ? 'low' : 'high'
  warnings.add(`\`${param}\`: the effort \`${effort ?? ''}\` was sent as \`${nearest}\``)
  return nearest
}
