import type { Conversation, Field, Turn } from '#src/core/conversation.ts'
import { markedLast } from '#src/core/parts.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { membersOf, type Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'
import { cacheOf, readBlocks } from './read-blocks.ts'
import { readOutputConfig, readReasoning, readSettings, readTool, readToolChoice } from './read-settings.ts'

/** A request of Anthropic's dialect in the internal form. Throws FailureError, 400 with `param`. */
export function toConversation({ body }: ApiRequest): Conversation {
  const rest: Field[] = []
  const request = membersOf(body, '', rest)
  request.ignore('model', 'stream')
  refuseAnthropicOnly(request)
  const system = readBlocks(request, 'system')
  const spoken = request.each('messages').flatMap(readTurn)
  const turns: readonly Turn[] = system.length > 0 ? [{ role: 'system', parts: system }, ...spoken] : spoken
  const { cache } = cacheOf(request)
  const toolChoice = request.inner('tool_choice')
  const choice = toolChoice && readToolChoice(toolChoice)
  const { output, effort } = readOutputConfig(request)
  const reasoning = readReasoning(request, effort)
  const conversation: Conversation = {
    // A mark on the whole request stands for one on its last block.
    turns: cache ? markedLast(turns, cache) : turns,
    tools: request.each('tools').map(readTool),
    settings: readSettings(request, toolChoice),
    rest,
    ...(choice && { toolChoice: choice }),
    ...(output && { output }),
    ...(reasoning && { reasoning }),
  }
  toolChoice?.close()
  request.close()
  return conversation
}

/** What an answer from elsewhere would silently lack: tools of other hosts, a machine that is kept, a place of processing. */
function refuseAnthropicOnly(request: Members): void {
  request.ignore('mcp_servers')
  const asked = [
    ['mcp_servers', (request.array('mcp_servers')?.length ?? 0) > 0],
    ['container', request.has('container')],
    ['inference_geo', request.has('inference_geo') && request.any('inference_geo') !== 'global'],
  ] as const
  for (const [name, isAsked] of asked) {
    if (isAsked)
      throw invalid(`\`${name}\` has no counterpart in other dialects: ask a target that speaks Anthropic's`, name)
  }
  if (request.any('speed') !== 'standard' && request.has('speed')) {
    request.rest.push({ param: 'speed', value: request.any('speed') ?? null })
  }
}

/** Results of tools stand first in a user's message: they are a turn of their own. */
function readTurn(message: Members): readonly Turn[] {
  const role = message.string('role')
  if (role !== 'user' && role !== 'assistant' && role !== 'system') {
    const param = message.at('role')
    throw invalid(`invalid value for \`${param}\`: expected \`user\`, \`assistant\` or \`system\``, param)
  }
  const parts = readBlocks(message, 'content')
  message.close()
  if (role !== 'user') return [{ role, parts }]
  const results = parts.filter(({ type }) => type === 'tool-result')
  const others = parts.filter(({ type }) => type !== 'tool-result')
  return [
    ...(results.length > 0 ? [{ role: 'tool', parts: results } as const] : []),
    ...(others.length > 0 || results.length === 0 ? [{ role, parts: others } as const] : []),
  ]
}
