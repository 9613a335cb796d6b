import type { Conversation } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { defined, generationOf, THIRD } from './wire.ts'

/** Tokens that stand for an effort where budgets are known alone, as Google's OpenAI surface has them. */
const BUDGETS: Readonly<Record<string, number>> = { none: 0, minimal: 1024, low: 1024, medium: 8192, high: 24_576 }
/** The least and the most that a model of 2.5 may be given, in tokens. */
const PRO = { least: 128, most: 32_768 }
const FLASH = { least: 0, most: 24_576 }
/** The model decides. */
const DYNAMIC = -1

/** `thinkingConfig`: levels for newer models, budgets for those before. */
export function thinkingOf({ reasoning }: Conversation, model: string, warnings: string[]): JsonObject {
  if (!reasoning) return {}
  const { value, param } = reasoning
  const { effort, budget, adaptive, summary } = value
  const tell = (what: string, as: string | number): void => {
    warnings.push(`\`${param}\` was sent as \`${what}\` \`${as}\``)
  }
  const shown = summary === undefined ? undefined : summary !== false
  if ((generationOf(model) ?? 0) >= THIRD && effort !== undefined) {
    const level = levelOf(effort, model)
    if (level !== effort) tell('thinkingLevel', level)
    return { thinkingConfig: defined({ thinkingLevel: level, includeThoughts: shown }) }
  }
  const asked = budget ?? (effort === undefined ? undefined : (BUDGETS[effort] ?? BUDGETS['high']))
  const tokens = asked === undefined ? (adaptive === true ? DYNAMIC : undefined) : within(asked, model)
  if (asked !== undefined && (budget === undefined || tokens !== budget)) tell('thinkingBudget', tokens ?? asked)
  // Thoughts cannot be shown where there are none.
  const config = defined({ thinkingBudget: tokens, includeThoughts: tokens === 0 ? undefined : shown })
  return Object.keys(config).length === 0 ? {} : { thinkingConfig: config }
}

/** Models of the third generation always think; the large ones not as little as the others. */
function levelOf(effort: string, model: string): string {
  const pro = model.includes('pro')
  if (effort === 'none' || effort === 'minimal') return pro ? 'low' : 'minimal'
  if (effort === 'medium' && pro && generationOf(model) === THIRD) return 'high'
  return effort === 'low' || effort === 'medium' ? effort : 'high'
}

function within(budget: number, model: string): number {
  const generation = generationOf(model) ?? 0
  const { least, most } = model.includes('pro') || generation >= THIRD ? PRO : FLASH
  return Math.min(most, Math.max(generation >= THIRD ? 0 : least, budget))
}
