import type {
  OutputFormat,
  Reasoning,
  Setting,
  SettingName,
  Settings,
  SettingValues,
  Tool,
  ToolChoice,
} from '#src/core/conversation.ts'
import type { Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'
import { cacheOf, needed } from './read-blocks.ts'

/** Tools that other providers run too, by how Anthropic's versions of them begin. */
const COMMON = [
  ['web_search', 'web_search'],
  ['web_fetch', 'web_fetch'],
  ['code_execution', 'code_execution'],
] as const

/** One of `tools`. */
export function readTool(tool: Members): Tool {
  const type = tool.string('type') ?? 'custom'
  if (type !== 'custom') return serverTool(tool, type)
  const name = needed(tool, 'name')
  const [description, parameters] = [tool.string('description'), tool.object('input_schema')]
  const strict = tool.boolean('strict') === true
  const cache = cacheOf(tool)
  tool.close()
  return {
    kind: 'function',
    name,
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...(strict && { strict }),
    ...cache,
  }
}

/** What of its options another provider's tool of that kind has, is for those to say who ask for it. */
function serverTool(tool: Members, type: string): Tool {
  const common = COMMON.find(([prefix]) => type.startsWith(prefix))?.[1]
  return { kind: 'server', vendor: 'anthropic', value: tool.whole(), ...(common !== undefined && { common }) }
}

/** `tool_choice`. */
export function readToolChoice(choice: Members): Setting<ToolChoice> | undefined {
  const param = 'tool_choice'
  switch (choice.string('type')) {
    case 'auto':
      return undefined
    case 'any':
      return { value: { kind: 'required' }, param }
    case 'none':
      return { value: { kind: 'none' }, param }
    case 'tool':
      return { value: { kind: 'named', name: needed(choice, 'name') }, param }
    default:
      throw invalid('invalid value for `tool_choice.type`: expected `auto`, `any`, `tool` or `none`', param)
  }
}

/** What `output_config` and the older `output_format` say: of the form of the answer, and of how hard to try. */
export interface OutputConfig {
  readonly output?: Setting<OutputFormat>
  readonly effort?: string
}

export function readOutputConfig(request: Members): OutputConfig {
  const older = request.inner('output_format')
  const config = request.inner('output_config')
  const newer = config?.inner('format')
  const effort = config?.string('effort')
  config?.close()
  const format = newer ?? older
  const output = format && formatOf(format, newer ? 'output_config' : 'output_format')
  return { ...(output && { output }), ...(effort !== undefined && { effort }) }
}

function formatOf(format: Members, param: string): Setting<OutputFormat> {
  const type = format.string('type')
  if (type !== 'json_schema')
    throw invalid(`invalid value for \`${format.at('type')}\`: expected \`json_schema\``, param)
  const schema = format.object('schema')
  format.close()
  if (!schema) throw invalid(`missing required parameter: \`${format.at('schema')}\``, param)
  return { value: { kind: 'schema', schema, strict: true }, param }
}

/** `thinking`, with the effort that `output_config` asks for. */
export function readReasoning(request: Members, effort: string | undefined): Setting<Reasoning> | undefined {
  const thinking = request.inner('thinking')
  const own = thinking ? thinkingOf(thinking) : {}
  thinking?.close()
  if (effort !== undefined && own.effort === 'none') request.rest.push({ param: 'output_config.effort', value: effort })
  const value = { ...(effort !== undefined && { effort }), ...own }
  if (Object.keys(value).length === 0) return undefined
  return { value, param: thinking ? 'thinking' : 'output_config.effort' }
}

function thinkingOf(thinking: Members): Reasoning {
  const budget = thinking.number('budget_tokens')
  const display = thinking.string('display')
  const shown = display === undefined ? {} : { summary: display === 'omitted' ? (false as const) : 'auto' }
  const type = thinking.string('type')
  switch (type) {
    case 'disabled':
      return { effort: 'none' }
    case 'enabled':
      if (budget === undefined) throw invalid('missing required parameter: `thinking.budget_tokens`', 'thinking')
      return { budget, ...shown }
    case 'adaptive':
      return { adaptive: true, ...shown }
    case 'between_tools':
      // Its nearest elsewhere: as little as there is.
      thinking.rest.push({ param: thinking.at('type'), value: type })
      return { adaptive: true, effort: 'low' }
    default:
      throw invalid(
        'invalid value for `thinking.type`: expected `enabled`, `disabled`, `adaptive` or `between_tools`',
        'thinking',
      )
  }
}

/** Everything that is a plain value. */
export function readSettings(request: Members, choice: Members | undefined): Settings {
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
  const stop = stopsOf(request)
  put('stop', stop.length > 0 ? stop : undefined, 'stop_sequences')
  const single = choice?.boolean('disable_parallel_tool_use') === true
  put('parallel_tools', single ? false : undefined, 'tool_choice.disable_parallel_tool_use')
  put('service_tier', tierOf(request.string('service_tier')))
  const metadata = request.inner('metadata')
  put('user', metadata?.string('user_id'), 'metadata.user_id')
  metadata?.close()
  return settings
}

function stopsOf(request: Members): readonly string[] {
  return (request.array('stop_sequences') ?? []).map((text, at) => {
    if (typeof text !== 'string')
      throw invalid(`invalid value for \`stop_sequences[${at}]\`: expected a string`, 'stop_sequences')
    return text
  })
}

/** In the words that are common to all: OpenAI's. */
function tierOf(tier: string | undefined): string | undefined {
  if (tier === 'auto') return undefined
  return tier === 'standard_only' ? 'default' : tier
}
