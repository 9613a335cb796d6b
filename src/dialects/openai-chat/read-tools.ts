import type { CustomTool, FunctionTool, ServerTool, Setting, Tool, ToolChoice } from '#src/core/conversation.ts'
import type { Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'
import { readMark } from './read-parts.ts'

/** `tools`, the older `functions`, and the search that chat completions switch on by options of its own. */
export function readTools(request: Members): readonly Tool[] {
  const search = request.inner('web_search_options')
  return [
    ...request.each('tools').map(readTool),
    ...request.each('functions').map(readFunction),
    ...(search ? [readSearch(search)] : []),
  ]
}

function readTool(tool: Members): Tool {
  const type = tool.string('type')
  if (type !== 'function' && type !== 'custom')
    throw invalid(`invalid value for \`${tool.at('type')}\`: expected \`function\` or \`custom\``, tool.at('type'))
  const cache = readMark(tool)
  const own = tool.inner(type) ?? missing(tool, type)
  const read = type === 'function' ? { ...readFunction(own), ...(cache && { cache }) } : readCustom(own)
  tool.close()
  return read
}

function missing(members: Members, name: string): never {
  throw invalid(`missing required parameter: \`${members.at(name)}\``, members.at(name))
}

function readFunction(own: Members): FunctionTool {
  const name = own.string('name') ?? missing(own, 'name')
  const description = own.string('description')
  const parameters = own.object('parameters')
  const strict = own.boolean('strict')
  own.close()
  return {
    kind: 'function',
    name,
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...(strict === true && { strict }),
  }
}

function readCustom(own: Members): CustomTool {
  const name = own.string('name') ?? missing(own, 'name')
  const description = own.string('description')
  const format = own.object('format')
  own.close()
  return { kind: 'custom', name, ...(description !== undefined && { description }), ...(format && { format }) }
}

/** As a tool of OpenAI's other interface, which has the place without the word `approximate`. */
function readSearch(search: Members): ServerTool {
  const size = search.string('search_context_size')
  const location = search.inner('user_location')
  const place = location?.object('approximate')
  location?.ignore('type')
  location?.close()
  search.close()
  return {
    kind: 'server',
    vendor: 'openai',
    common: 'web_search',
    value: {
      type: 'web_search',
      ...(size !== undefined && { search_context_size: size }),
      ...(place && { user_location: { type: 'approximate', ...place } }),
    },
  }
}

/** `tool_choice`, or the older `function_call`. What is the default anyway is not set. */
export function readToolChoice(request: Members): Setting<ToolChoice> | undefined {
  const param = request.has('tool_choice') ? 'tool_choice' : 'function_call'
  const written = request.any(param)
  if (written === undefined || written === 'auto') return undefined
  if (written === 'none' || written === 'required') return { value: { kind: written }, param }
  // Mistral's word for it, which clients of its own send.
  if (written === 'any') return { value: { kind: 'required' }, param }
  if (typeof written === 'string')
    throw invalid(`invalid value for \`${param}\`: expected \`none\`, \`auto\`, \`required\` or an object`, param)
  const choice = request.inner(param)
  if (!choice) return undefined
  const value = readChoice(choice)
  choice.close()
  return { value, param }
}

function readChoice(choice: Members): ToolChoice {
  choice.ignore('type')
  const allowed = choice.inner('allowed_tools')
  if (!allowed) return { kind: 'named', name: nameIn(choice) }
  const mode = allowed.string('mode') === 'required' ? 'required' : 'auto'
  const names = allowed.each('tools').map((tool) => {
    tool.ignore('type')
    const name = nameIn(tool)
    tool.close()
    return name
  })
  allowed.close()
  return { kind: 'allowed', mode, names }
}

/** `{ function: { name } }`, `{ custom: { name } }`, or the older `{ name }`. */
function nameIn(choice: Members): string {
  const own = choice.inner('function') ?? choice.inner('custom')
  if (!own) return choice.string('name') ?? missing(choice, 'function')
  const name = own.string('name') ?? missing(own, 'name')
  own.close()
  return name
}
