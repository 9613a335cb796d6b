import type {
  Conversation,
  Field,
  OutputFormat,
  Reasoning,
  Setting,
  SettingName,
  Settings,
  SettingValues,
  Tool,
  ToolChoice,
  Turn,
} from '#src/core/conversation.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { isObject, stringAt } from '#src/core/json.ts'
import { membersOf, type Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'
import { cacheOf, readBlocks } from './read-blocks.ts'

/** A request of Anthropic's dialect in the internal form. Throws FailureError, 400 with `param`. */
export function toConversation({ body }: ApiRequest): Conversation {
  const rest: Field[] = []
  const request = membersOf(body, '', rest)
  request.ignore('model', 'stream')
  for (const name of ['mcp_servers', 'container']) {
    if (!request.has(name)) continue
    throw invalid(`\`${name}\` has no counterpart in other dialects: ask a target that speaks Anthropic's`, name)
  }
  const system = readBlocks(request, 'system')
  const turns = request.each('messages').flatMap(readTurn)
  const toolChoice = request.inner('tool_choice')
  const choice = toolChoice && readToolChoice(toolChoice)
  const output = readOutput(request)
  const reasoning = readReasoning(request)
  const conversation: Conversation = {
    turns: system.length > 0 ? [{ role: 'system', parts: system }, ...turns] : turns,
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

/** Results of tools stand first in a user's message: they are a turn of their own. */
function readTurn(message: Members): readonly Turn[] {
  const role = message.string('role')
  if (role !== 'user' && role !== 'assistant' && role !== 'system')
    throw invalid(
      `invalid value for \`${message.at('role')}\`: expected \`user\`, \`assistant\` or \`system\``,
      message.at('role'),
    )
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

function readTool(tool: Members): Tool {
  const type = tool.string('type') ?? 'custom'
  if (type !== 'custom') {
    const value = tool.whole()
    const common = COMMON.find(([prefix]) => type.startsWith(prefix))?.[1]
    return { kind: 'server', vendor: 'anthropic', value, ...(common !== undefined && { common }) }
  }
  const name = tool.string('name')
  if (name === undefined || name === '')
    throw invalid(`missing required parameter: \`${tool.at('name')}\``, tool.at('name'))
  const [description, parameters, strict] = [
    tool.string('description'),
    tool.object('input_schema'),
    tool.boolean('strict'),
  ]
  const cache = cacheOf(tool)
  tool.close()
  return {
    kind: 'function',
    name,
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...(strict === true && { strict }),
    ...(cache && { cache }),
  }
}

/** Tools that other providers run too. */
const COMMON = [
  ['web_search', 'web_search'],
  ['web_fetch', 'web_fetch'],
  ['code_execution', 'code_execution'],
] as const

function readToolChoice(choice: Members): Setting<ToolChoice> | undefined {
  const param = 'tool_choice'
  switch (choice.string('type')) {
    case 'auto':
      return undefined
    case 'any':
      return { value: { kind: 'required' }, param }
    case 'none':
      return { value: { kind: 'none' }, param }
    case 'tool':
      return { value: { kind: 'named', name: choice.string('name') ?? '' }, param }
    default:
      throw invalid('invalid value for `tool_choice.type`: expected `auto`, `any`, `tool` or `none`', param)
  }
}

function readOutput(request: Members): Setting<OutputFormat> | undefined {
  const older = request.inner('output_format')
  const config = request.inner('output_config')
  const format = config?.inner('format') ?? older
  config?.ignore('effort')
  config?.close()
  const param = older && format === older ? 'output_format' : 'output_config'
  if (!format) return undefined
  const schema = format.object('schema')
  format.ignore('type')
  format.close()
  if (!schema) throw invalid(`missing required parameter: \`${format.at('schema')}\``, param)
  return { value: { kind: 'schema', schema, strict: true }, param }
}

function readReasoning(request: Members): Setting<Reasoning> | undefined {
  const thinking = request.inner('thinking')
  const effort = stringAt(request.object('output_config'), 'effort')
  const value = { ...(thinking && thinkingOf(thinking)), ...(effort !== undefined && { effort }) }
  thinking?.close()
  if (Object.keys(value).length === 0) return undefined
  return { value, param: thinking ? 'thinking' : 'output_config' }
}

function thinkingOf(thinking: Members): Reasoning {
  const budget = thinking.number('budget_tokens')
  const display = thinking.string('display')
  const shown = display === undefined ? {} : { summary: display === 'omitted' ? (false as const) : 'auto' }
  switch (thinking.string('type')) {
    case 'disabled':
      return { effort: 'none' }
    case 'enabled':
      return { ...(budget !== undefined && { budget }), ...shown }
    default:
      return { adaptive: true, ...shown }
  }
}

function readSettings(request: Members, choice: Members | undefined): Settings {
  const settings: { -readonly [Name in SettingName]?: Settings[Name] } = {}
  const put = <Name extends SettingName>(
    name: Name,
    value: SettingValues[Name] | undefined,
    param: string = name,
  ): void => {
    if (value !== undefined) Object.assign(settings, { [name]: { value, param } })
  }
  put('max_output_tokens', request.number('max_tokens'), 'max_tokens')
  for (const name of ['temperature', 'top_p', 'top_k'] as const) put(name, request.number(name))
  const stop = (request.array('stop_sequences') ?? []).filter((text) => typeof text === 'string')
  put('stop', stop.length > 0 ? stop : undefined, 'stop_sequences')
  put('parallel_tools', choice?.boolean('disable_parallel_tool_use') === true ? false : undefined, 'tool_choice')
  const tier = request.string('service_tier')
  put('service_tier', tier === 'auto' ? undefined : tier)
  const metadata = request.object('metadata')
  if (isObject(metadata)) put('user', stringAt(metadata, 'user_id'), 'metadata.user_id')
  return settings
}
