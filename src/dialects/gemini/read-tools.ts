import type { FunctionTool, Setting, Tool, ToolChoice } from '#src/core/conversation.ts'
import type { Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'
import { jsonSchemaOf } from './read-schema.ts'
import { namesOf } from './spelling.ts'

/** Tools that Google runs and others have too. */
const COMMON: Readonly<Record<string, string>> = {
  googleSearch: 'web_search',
  googleSearchRetrieval: 'web_search',
  codeExecution: 'code_execution',
  urlContext: 'web_fetch',
  fileSearch: 'file_search',
  mcpServers: 'mcp',
}

/** `tools`: declarations of functions, and one member for each tool that the provider runs. */
export function readTools(request: Members): readonly Tool[] {
  return request
    .each('tools')
    .flatMap((tool) => [...tool.each('functionDeclarations').map(readDeclaration), ...serverTools(tool)])
}

function serverTools(tool: Members): readonly Tool[] {
  const whole = tool.whole()
  return namesOf(whole).flatMap(([name, written]): readonly Tool[] => {
    const value = whole[written] ?? undefined
    if (name === 'functionDeclarations' || value === undefined) return []
    const common = COMMON[name]
    return [{ kind: 'server', vendor: 'google', ...(common !== undefined && { common }), value: { [name]: value } }]
  })
}

function readDeclaration(own: Members): FunctionTool {
  const name = own.string('name')
  if (name === undefined || name === '')
    throw invalid(`missing required parameter: \`${own.at('name')}\``, own.at('name'))
  const description = own.string('description')
  const [whole, parameters] = [own.object('parametersJsonSchema'), own.object('parameters')]
  const schema = whole ?? (parameters && jsonSchemaOf(parameters))
  own.close()
  return {
    kind: 'function',
    name,
    ...(description !== undefined && { description }),
    ...(schema && { parameters: schema }),
  }
}

/** `toolConfig.functionCallingConfig`. `VALIDATED` is `AUTO` that keeps to the schemas, for which others have no word. */
export function readToolChoice(request: Members): Setting<ToolChoice> | undefined {
  const config = request.inner('toolConfig')
  const calling = config?.inner('functionCallingConfig')
  const mode = calling?.string('mode')?.toUpperCase() ?? 'AUTO'
  const names = (calling?.array('allowedFunctionNames') ?? []).filter((name) => typeof name === 'string')
  calling?.close()
  config?.close()
  if (!calling) return undefined
  if (mode === 'VALIDATED') calling.rest.push({ param: calling.at('mode'), value: mode })
  const choice = choiceOf(mode, names)
  if (!choice) throw invalid(`invalid value for \`${calling.at('mode')}\``, calling.at('mode'))
  return choice.kind === 'auto' ? undefined : { value: choice, param: calling.at('mode') }
}

function choiceOf(mode: string, names: readonly string[]): ToolChoice | undefined {
  const [name, ...others] = names
  switch (mode) {
    case 'NONE':
      return { kind: 'none' }
    case 'ANY':
      if (name === undefined) return { kind: 'required' }
      return others.length === 0 ? { kind: 'named', name } : { kind: 'allowed', mode: 'required', names }
    case 'AUTO':
    case 'VALIDATED':
    case 'MODE_UNSPECIFIED':
      return name === undefined ? { kind: 'auto' } : { kind: 'allowed', mode: 'auto', names }
    default:
      return undefined
  }
}
