import type { Conversation } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'

/** Tokens up to which a budget stands for an effort: a third of what the next one commonly takes. */
const BUDGETS = [
  [1024, 'low'],
  [8192, 'medium'],
] as const

/** The effort that a budget of tokens stands for. */
export function effortOfBudget(budget: number): string {
  if (budget === 0) return 'none'
  return BUDGETS.find(([most]) => budget <= most)?.[1] ?? 'high'
}

/** `reasoning_effort`, from what the caller wrote. */
export function effortOf({ reasoning }: Conversation, warnings: string[]): JsonObject {
  if (!reasoning) return {}
  const { effort, budget } = reasoning.value
  if (effort !== undefined) return { reasoning_effort: effort }
  if (budget === undefined) return {}
  const own = effortOfBudget(budget)
  warnings.push(`\`${reasoning.param}\` was sent as \`reasoning_effort\` \`${own}\``)
  return { reasoning_effort: own }
}
