import type { Adapter } from '#src/core/adapter.ts'
import type { Conversation } from '#src/core/conversation.ts'
import { featuresOf, type Support } from '#src/core/features.ts'
import { editJson } from '#src/core/json-scan.ts'
import { markedLast } from '#src/core/parts.ts'
import type { ApiRequest } from '#src/core/request.ts'
import type { Call } from './call.ts'

type Marking = Pick<Call, 'promptCache' | 'marks' | 'warnings'>

const EPHEMERAL = { type: 'ephemeral' } as const

/** A request in the target's own dialect with its mark, unless the caller wrote one. */
export function markedRequest(call: Marking, request: ApiRequest, name: Adapter['cacheMark']): ApiRequest {
  const { key } = call.promptCache
  if (key === undefined || !name || request.text.includes(`"${name}"`)) return request
  const value = name === 'cache_control' ? EPHEMERAL : key
  tell(call, name)
  const text = editJson(request.text, [{ op: 'set', key: name, value: JSON.stringify(value) }])
  return { ...request, text, body: { ...request.body, [name]: value } }
}

/** A conversation with what its target takes of both, unless the caller wrote it. */
export function markedConversation(call: Marking, conversation: Conversation, support: Support): Conversation {
  const { key } = call.promptCache
  if (key === undefined) return conversation
  const { settings } = conversation
  const named = support.cache_key === 'carried' && !settings.cache_key
  const marks = support.cache_marks === 'carried' && !featuresOf(conversation).has('cache_marks')
  const turns = marks ? markedLast(conversation.turns, {}) : conversation.turns
  if (named) tell(call, 'prompt_cache_key')
  if (turns !== conversation.turns) tell(call, 'cache_control')
  return {
    ...conversation,
    turns,
    ...(named && { settings: { ...settings, cache_key: { value: key, param: 'prompt_cache_key' } } }),
  }
}

function tell({ marks, warnings }: Marking, name: string): void {
  marks.push(name)
  warnings.add(`\`${name}\` was added: prompts are to be cached`)
}
