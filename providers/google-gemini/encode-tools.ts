import type { Conversation, FunctionTool, ServerTool, Tool, ToolChoice } from '#src/core/conversation.ts'
import { isObject, type JsonObject } from '#src/core/json.ts'
import { optionNotSent, serverToolOptions } from '#src/core/server-tool.ts'

/** Tools that Google runs, by their common names. */
const SERVER: Readonly<Record<string, string>> = {
  web_search: 'googleSearch',
  code_execution: 'codeExecution',
  web_fetch: 'urlContext',
}

export const SERVER_TOOLS: readonly string[] = Object.keys(SERVER)

/** `tools` and `toolConfig`. */
export function toolsOf({ tools, toolChoice }: Conversation, warnings: string[]): JsonObject {
  const choice = toolChoice?.value
  const offered =
    choice?.kind === 'allowed' && choice.mode === 'auto' ? tools.filter((tool) => isOffered(tool, choice)) : tools
  const functions = offered.filter((tool) => tool.kind === 'function')
  const own = offered.filter((tool) => tool.kind === 'server').flatMap((tool) => serverTool(tool, warnings))
  const wire = [...(functions.length > 0 ? [{ functionDeclarations: functions.map(declaration) }] : []), ...own]
  if (wire.length === 0) return {}
  const calling = functions.length === 0 ? undefined : callingOf(choice, functions)
  return { tools: wire, ...(calling && { toolConfig: { functionCallingConfig: calling } }) }
}

function isOffered(tool: Tool, { names }: Extract<ToolChoice, { kind: 'allowed' }>): boolean {
  return tool.kind === 'server' || names.includes(tool.name)
}

function serverTool(tool: ServerTool, warnings: string[]): readonly JsonObject[] {
  if (tool.vendor === 'google') return [tool.value]
  const own = tool.common === undefined ? undefined : SERVER[tool.common]
  if (own === undefined) return []
  const { allowedDomains, blockedDomains, location, others } = serverToolOptions(tool)
  const left = [
    ...(allowedDomains ? ['allowed_domains'] : []),
    ...(blockedDomains ? ['blocked_domains'] : []),
    ...(location ? ['user_location'] : []),
    ...others,
  ]
  for (const option of left) warnings.push(optionNotSent(option, tool))
  return [{ [own]: {} }]
}

/** The whole of JSON Schema goes under its own name: `parameters` knows a part of OpenAPI's alone. */
function declaration({ name, description, parameters }: FunctionTool): JsonObject {
  return {
    name,
    ...(description !== undefined && { description }),
    ...(parameters && !isEmpty(parameters) && { parametersJsonSchema: parameters }),
  }
}

/** A schema of no arguments is none: an object without properties is refused by some models. */
function isEmpty({ properties, additionalProperties, ...rest }: JsonObject): boolean {
  if (isObject(properties) && Object.keys(properties).length > 0) return false
  if (additionalProperties !== undefined && additionalProperties !== false) return false
  const meaning = Object.keys(rest).filter((key) => key !== 'type' && key !== 'required' && key !== '$schema')
  return meaning.length === 0
}

/** `VALIDATED` keeps arguments to their schema, as `ANY` does by itself. */
function callingOf(choice: ToolChoice | undefined, tools: readonly FunctionTool[]): JsonObject | undefined {
  switch (choice?.kind) {
    case 'none':
      return { mode: 'NONE' }
    case 'required':
      return { mode: 'ANY' }
    case 'named':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] }
    case 'allowed':
      if (choice.mode === 'required') return { mode: 'ANY', allowedFunctionNames: choice.names }
      break
    default:
  }
  return tools.some(({ strict }) => strict === true) ? { mode: 'VALIDATED' } : undefined
}
