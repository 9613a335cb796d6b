import type { Conversation, MediaPart, Part, SettingName, Source, Tool, ToolChoice, Turn } from './conversation.ts'

type MediaFeature = `${MediaPart['type']}_${Source['kind']}`
type ToolChoiceFeature = `tool_choice_${Exclude<ToolChoice['kind'], 'auto'>}`

/** Everything that a conversation may hold and an upstream may or may not take. */
export type Feature =
  | SettingName
  | MediaFeature
  | ToolChoiceFeature
  /** System text behind the first other turn. */
  | 'system_later'
  /** An image, a sound or a file in system text. */
  | 'system_media'
  | 'turn_name'
  | 'media_detail'
  /** The name of a file. */
  | 'media_name'
  /** An image, a sound or a file that stands in what the model said before. */
  | 'assistant_media'
  | 'refusals'
  | 'citations'
  | 'cache_marks'
  /** Thoughts of earlier turns, sent back. Their signatures go to their own vendor only, whatever this says. */
  | 'reasoning_turns'
  | 'tool_calls'
  /** Calls of tools whose input is plain text. */
  | 'custom_calls'
  | 'tool_results'
  | 'tool_result_media'
  | 'tool_failed'
  | 'function_tools'
  | 'tool_strict'
  | 'custom_tools'
  | 'output_json'
  | 'output_schema'
  | 'reasoning_effort'
  | 'reasoning_budget'
  | 'reasoning_adaptive'
  | 'reasoning_summary'

/**
 * What becomes of a feature on its way to an upstream. `carried`: it has a place there. `emulated`: it is said in another way that means the
 * same. `dropped`: it is left out and the caller is told. `refused`: without it the answer would not be what was asked for, so it is a 400.
 */
export type Handling = 'carried' | 'emulated' | 'dropped' | 'refused'

/** An upstream's answer for every feature: one that is new does not compile until each upstream has answered for it (law 8). */
export type Support = Readonly<Record<Feature, Handling>>

/** The features that a conversation uses, each with the caller's own field that asks for it. */
export function featuresOf(conversation: Conversation): ReadonlyMap<Feature, string> {
  const used = new Map<Feature, string>()
  const add = (feature: Feature, param: string): void => {
    if (!used.has(feature)) used.set(feature, param)
  }
  for (const name of settingNames(conversation)) {
    const setting = conversation.settings[name]
    if (setting) add(name, setting.param)
  }
  addTurns(conversation.turns, add)
  for (const tool of conversation.tools) addTool(tool, add)
  addChoices(conversation, add)
  return used
}

type Add = (feature: Feature, param: string) => void

function settingNames({ settings }: Conversation): readonly SettingName[] {
  return Object.keys(settings).filter((name): name is SettingName => name in settings)
}

function addChoices({ toolChoice, output, reasoning }: Conversation, add: Add): void {
  if (toolChoice && toolChoice.value.kind !== 'auto') add(`tool_choice_${toolChoice.value.kind}`, toolChoice.param)
  if (output) add(output.value.kind === 'json' ? 'output_json' : 'output_schema', output.param)
  if (!reasoning) return
  const { effort, budget, adaptive, summary } = reasoning.value
  if (effort !== undefined) add('reasoning_effort', reasoning.param)
  if (budget !== undefined) add('reasoning_budget', reasoning.param)
  if (adaptive === true) add('reasoning_adaptive', reasoning.param)
  if (summary !== undefined) add('reasoning_summary', reasoning.param)
}

function addTurns(turns: readonly Turn[], add: Add): void {
  let begun = false
  for (const turn of turns) {
    const system = isSystem(turn)
    if (system && begun) add('system_later', turn.role)
    begun ||= !system
    if (turn.name !== undefined) add('turn_name', 'name')
    for (const part of turn.parts) addPart(part, turn, add)
  }
}

export function isSystem({ role }: Pick<Turn, 'role'>): boolean {
  return role === 'system' || role === 'developer'
}

/** The fields are named as most dialects name them: a conversation does not know which array it stood in. */
function addPart(part: Part, turn: Turn, add: Add): void {
  if ('cache' in part && part.cache) add('cache_marks', 'cache_control')
  switch (part.type) {
    case 'text':
      if (part.citations && part.citations.length > 0) add('citations', 'citations')
      return
    case 'refusal':
      return add('refusals', 'refusal')
    case 'reasoning':
      return add('reasoning_turns', 'reasoning')
    case 'tool-call':
      return add(part.custom ? 'custom_calls' : 'tool_calls', 'tool_calls')
    case 'tool-result':
      add('tool_results', 'tool results')
      if (part.failed) add('tool_failed', 'is_error')
      if (part.parts.some(({ type }) => type !== 'text')) add('tool_result_media', 'tool results')
      return
    case 'opaque':
      return
    default:
      add(`${part.type}_${part.source.kind}`, part.type)
      if (part.detail !== undefined) add('media_detail', 'detail')
      if (part.name !== undefined) add('media_name', 'title')
      if (turn.role === 'assistant') add('assistant_media', part.type)
      if (isSystem(turn)) add('system_media', part.type)
  }
}

function addTool(tool: Tool, add: Add): void {
  if (tool.kind === 'server') return
  add(tool.kind === 'function' ? 'function_tools' : 'custom_tools', 'tools')
  if (tool.kind !== 'function') return
  if (tool.strict) add('tool_strict', 'strict')
  if (tool.cache) add('cache_marks', 'cache_control')
}

/** Nothing but text: what an upstream takes is said over it. */
export const NO_MEDIA: Readonly<Record<MediaFeature, Handling>> = {
  image_data: 'refused',
  image_url: 'refused',
  image_id: 'refused',
  image_text: 'refused',
  audio_data: 'refused',
  audio_url: 'refused',
  audio_id: 'refused',
  audio_text: 'refused',
  video_data: 'refused',
  video_url: 'refused',
  video_id: 'refused',
  video_text: 'refused',
  document_data: 'refused',
  document_url: 'refused',
  document_id: 'refused',
  document_text: 'refused',
}
