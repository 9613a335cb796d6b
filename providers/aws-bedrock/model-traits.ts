import { traitsOf as claudeTraits } from '#providers/anthropic/model-traits.ts'

/** What the hosted models differ in, as far as requests show it. From AWS's model pages and recorded refusals; a model that nobody knows takes the least. */
export interface Traits {
  readonly family: 'claude' | 'nova' | 'openai' | 'mistral' | 'other'
  /** How thoughts are asked for; undefined: they cannot be. */
  readonly thinking?: 'adaptive' | 'budget' | 'nova' | 'effort'
  /** What Claude's `thinking` is where none is wanted; undefined: it thinks in any case. */
  readonly off?: 'disabled' | 'between_tools' | undefined
  /** What Claude's effort may be. */
  readonly efforts: readonly string[]
  /** It can be made to call a tool. */
  readonly forced: boolean
  /** `temperature`, `topP` and `top_k` may be sent. */
  readonly sampling: boolean
  readonly stops: boolean
  /** It takes a schema for its answer and `strict` tools. */
  readonly schema: boolean
  readonly cachePoints: 'everywhere' | 'not-in-tools' | 'none'
  /** Where `top_k` stands among the model's own fields. */
  readonly topK?: 'top_k' | 'inferenceConfig.topK' | 'k'
}

const PLAIN = { forced: true, efforts: [] } as const

/** By the model's id, whatever stands before it: a geography, an ARN. */
export function traitsOf(model: string): Traits {
  if (model.includes('anthropic.claude')) return claude(model)
  if (model.includes('amazon.nova')) return nova(model)
  if (model.includes('openai.')) return openai(model)
  const other = {
    ...PLAIN,
    family: model.includes('mistral.') ? 'mistral' : 'other',
    sampling: true,
    stops: true,
    schema: holds(model, SCHEMA),
    cachePoints: 'none',
  } as const
  if (other.family === 'mistral') return { ...other, topK: 'top_k' }
  return model.includes('cohere.') ? { ...other, topK: 'k' } : other
}

/** Models of other makers that take schemas (AWS, structured outputs, 2026-02). */
const SCHEMA = [
  'deepseek.v3',
  'google.gemma-3',
  'minimax.minimax',
  'mistral.mistral-large-3',
  'mistral.ministral',
  'mistral.magistral',
  'mistral.voxtral',
  'moonshot.kimi',
  'moonshotai.kimi',
  'nvidia.nemotron',
  'qwen.qwen3',
]

/** Before 3.7 it did not think aloud. */
const NEVER_THINKS = [
  'claude-instant',
  'claude-v2',
  'claude-2',
  'claude-3-haiku',
  'claude-3-opus',
  'claude-3-sonnet',
  'claude-3-5',
]
/** From 3.7 to 4.5 thoughts have a budget in tokens. */
const BUDGETED = ['claude-3-7', 'sonnet-4-2', 'sonnet-4-5', 'opus-4-2', 'opus-4-1', 'opus-4-5', 'haiku-4-5']
/** The last that take sampling, and both ways of thinking. */
const LAST_SAMPLED = ['opus-4-6', 'sonnet-4-6']
const CLAUDE_SCHEMA = ['sonnet-4-5', 'haiku-4-5', 'opus-4-5', ...LAST_SAMPLED, 'opus-5-5', 'sonnet-5-5', 'haiku-5-5']

function claude(model: string): Traits {
  const silent = holds(model, NEVER_THINKS)
  const budgeted = holds(model, BUDGETED)
  const { off, efforts, forced } = claudeTraits(model)
  return {
    off,
    efforts,
    forced,
    family: 'claude',
    sampling: silent || budgeted || holds(model, LAST_SAMPLED),
    stops: true,
    schema: holds(model, CLAUDE_SCHEMA),
    cachePoints: 'everywhere',
    topK: 'top_k',
    ...(!silent && { thinking: budgeted ? 'budget' : 'adaptive' }),
  }
}

function nova(model: string): Traits {
  return {
    ...PLAIN,
    family: 'nova',
    sampling: true,
    stops: true,
    schema: false,
    cachePoints: 'not-in-tools',
    topK: 'inferenceConfig.topK',
    ...(model.includes('nova-2') && { thinking: 'nova' }),
  }
}

/** The open models take their effort as OpenAI's own field; the others refuse it, and sampling too. */
function openai(model: string): Traits {
  const open = model.includes('gpt-oss')
  return {
    ...PLAIN,
    family: 'openai',
    sampling: open,
    stops: false,
    schema: true,
    cachePoints: 'none',
    ...(open && { thinking: 'effort' }),
  }
}

function holds(model: string, parts: readonly string[]): boolean {
  return parts.some((part) => model.includes(part))
}
