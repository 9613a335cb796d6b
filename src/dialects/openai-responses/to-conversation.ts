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
import type { FailureError } from '#src/core/failure.ts'
import { arrayAt, isObject, stringAt, type Json } from '#src/core/json.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { membersOf, type Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'
import { readItems } from './read-items.ts'

/** What only the account that made it can find again. */
const ELSEWHERE = ['previous_response_id', 'conversation', 'prompt'] as const

/** A Responses request in the internal form. Throws FailureError, 400 with `param`. */
export function toConversation({ body }: ApiRequest): Conversation {
  const rest: Field[] = []
  const request = membersOf(body, '', rest)
  // `store` is tutti's own: what it keeps, it keeps itself.
  request.ignore('model', 'stream', 'background', 'store', 'truncation')
  const options = request.inner('stream_options')
  options?.ignore('include_obfuscation')
  options?.close()
  for (const name of ELSEWHERE) {
    if (request.has(name)) throw invalid(`\`${name}\` names something that only another provider has`, name)
  }
  if (stringAt(body, 'truncation') === 'auto') rest.push({ param: 'truncation', value: 'auto' })
  const instructions = request.string('instructions')
  const turns = readItems(request)
  const text = request.inner('text')
  const output = text && readOutput(text)
  const reasoning = readReasoning(request)
  const toolChoice = readToolChoice(request)
  const conversation: Conversation = {
    turns: instructions === undefined || instructions === '' ? turns : [systemTurn(instructions), ...turns],
    tools: request.each('tools').map(readTool),
    settings: readSettings(request, text),
    rest,
    ...(toolChoice && { toolChoice }),
    ...(output && { output }),
    ...(reasoning && { reasoning }),
  }
  text?.close()
  request.close()
  return conversation
}

function systemTurn(text: string): Turn {
  return { role: 'system', parts: [{ type: 'text', text }] }
}

function readTool(tool: Members): Tool {
  const type = tool.string('type') ?? ''
  if (type !== 'function' && type !== 'custom') {
    const value = tool.whole()
    const common = COMMON.find(([prefix]) => type.startsWith(prefix))?.[1]
    return { kind: 'server', vendor: 'openai', value, ...(common !== undefined && { common }) }
  }
  const name = tool.string('name')
  if (name === undefined || name === '')
    throw invalid(`missing required parameter: \`${tool.at('name')}\``, tool.at('name'))
  const description = tool.string('description')
  const said = description === undefined ? {} : { description }
  if (type === 'custom') {
    const format = tool.object('format')
    tool.close()
    return { kind: 'custom', name, ...said, ...(format && { format }) }
  }
  const [parameters, strict] = [tool.object('parameters'), tool.boolean('strict')]
  tool.close()
  return { kind: 'function', name, ...said, ...(parameters && { parameters }), ...(strict === true && { strict }) }
}

/** Tools that other providers run too. */
const COMMON = [
  ['web_search', 'web_search'],
  ['code_interpreter', 'code_execution'],
] as const

function readToolChoice(request: Members): Setting<ToolChoice> | undefined {
  const value = request.any('tool_choice')
  const param = 'tool_choice'
  if (value === undefined || value === 'auto') return undefined
  if (value === 'none' || value === 'required') return { value: { kind: value }, param }
  if (isObject(value)) {
    const name = stringAt(value, 'name')
    const isOwn = (tool: Json): boolean => CALLED.includes(stringAt(tool, 'type') ?? '')
    if (stringAt(value, 'type') === 'allowed_tools') {
      const tools = arrayAt(value, 'tools') ?? []
      const names = tools.flatMap((tool) => (isOwn(tool) ? (stringAt(tool, 'name') ?? []) : []))
      if (names.length < tools.length) throw elsewhere()
      return { value: { kind: 'allowed', mode: value['mode'] === 'required' ? 'required' : 'auto', names }, param }
    }
    if (name !== undefined && isOwn(value)) return { value: { kind: 'named', name }, param }
  }
  throw elsewhere()
}

/** Tools that the caller runs. */
const CALLED = ['function', 'custom']

function elsewhere(): FailureError {
  return invalid('`tool_choice` asks for a tool that only another provider runs', 'tool_choice')
}

function readOutput(text: Members): Setting<OutputFormat> | undefined {
  const format = text.inner('format')
  const type = format?.string('type')
  const param = 'text'
  if (!format || type === 'text') return undefined
  if (type === 'json_object') return { value: { kind: 'json' }, param }
  const schema = format.object('schema')
  if (!schema)
    throw invalid(
      'invalid value for `text.format`: expected `text`, `json_object` or a `json_schema` with a schema',
      param,
    )
  const [name, description, strict] = [format.string('name'), format.string('description'), format.boolean('strict')]
  format.close()
  return {
    value: {
      kind: 'schema',
      schema,
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description }),
      ...(strict === true && { strict }),
    },
    param,
  }
}

function readReasoning(request: Members): Setting<Reasoning> | undefined {
  const own = request.inner('reasoning')
  if (!own) return undefined
  const [effort, summary] = [own.string('effort'), own.string('summary') ?? own.string('generate_summary')]
  own.ignore('generate_summary')
  own.close()
  if (effort === undefined && summary === undefined) return undefined
  return {
    value: { ...(effort !== undefined && { effort }), ...(summary !== undefined && { summary }) },
    param: 'reasoning',
  }
}

const LOGPROBS = 'message.output_text.logprobs'
/** What answers hold beside themselves, where anybody else than OpenAI has it: thoughts come back in any case. */
const INCLUDED = [LOGPROBS, 'reasoning.encrypted_content']

function readSettings(request: Members, text: Members | undefined): Settings {
  const settings: { -readonly [Name in SettingName]?: Settings[Name] } = {}
  const put = <Name extends SettingName>(
    name: Name,
    value: SettingValues[Name] | undefined,
    param: string = name,
  ): void => {
    if (value !== undefined) Object.assign(settings, { [name]: { value, param } })
  }
  put('max_output_tokens', request.number('max_output_tokens'))
  for (const name of ['temperature', 'top_p', 'frequency_penalty', 'presence_penalty'] as const)
    put(name, request.number(name))
  const include = request.array('include') ?? []
  const others = include.filter((own) => typeof own !== 'string' || !INCLUDED.includes(own))
  if (others.length > 0) request.rest.push({ param: 'include', value: others })
  const wanted = include.includes(LOGPROBS)
  put('logprobs', wanted ? (request.number('top_logprobs') ?? 0) : undefined, 'include')
  put('parallel_tools', request.boolean('parallel_tool_calls') === false ? false : undefined, 'parallel_tool_calls')
  put('max_tool_calls', request.number('max_tool_calls'))
  const verbosity = text?.string('verbosity')
  put('verbosity', verbosity === 'medium' ? undefined : verbosity, 'text.verbosity')
  const tier = request.string('service_tier')
  put('service_tier', tier === 'auto' || tier === 'default' ? undefined : tier)
  const metadata = request.object('metadata')
  put('metadata', metadata && Object.keys(metadata).length > 0 ? metadata : undefined)
  // The older name beside the newer one is not read, and so a warning names it.
  const user = request.has('safety_identifier') ? 'safety_identifier' : 'user'
  put('user', request.string(user), user)
  put('cache_key', request.string('prompt_cache_key'), 'prompt_cache_key')
  return settings
}
