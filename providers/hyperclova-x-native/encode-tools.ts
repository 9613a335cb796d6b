import type { Conversation, FunctionTool, ToolChoice } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { offered } from '#src/core/parts.ts'

/** `tools` and `toolChoice`. */
export function toolsOf({ tools, toolChoice }: Conversation, warnings: string[]): JsonObject {
  const choice = toolChoice?.value
  const own = (choice?.kind === 'allowed' ? offered(tools, choice) : tools).flatMap((tool) =>
    tool.kind === 'function' ? [tool] : [],
  )
  if (own.length === 0) return {}
  if (own.length < tools.length && toolChoice)
    warnings.push(`\`${toolChoice.param}\` was honoured by offering only the tools that may be called`)
  const word = choiceOf(choice, own)
  if (choice?.kind === 'allowed' && choice.mode === 'required' && word === undefined)
    warnings.push(
      `\`${toolChoice?.param}\` was sent without \`required\`: the provider cannot be made to call one of several`,
    )
  return { tools: own.map(toolOf), ...(word !== undefined && { toolChoice: word }) }
}

function toolOf({ name, description = '', parameters = { type: 'object', properties: {} } }: FunctionTool): JsonObject {
  return { type: 'function', function: { name, description, parameters } }
}

function choiceOf(choice: ToolChoice | undefined, tools: readonly FunctionTool[]): string | JsonObject | undefined {
  const [only] = tools
  switch (choice?.kind) {
    case 'none':
      return 'none'
    case 'named':
      return named(choice.name)
    case 'allowed':
      return choice.mode === 'required' && only && tools.length === 1 ? named(only.name) : undefined
    default:
      return undefined
  }
}

function named(name: string): JsonObject {
  return { type: 'function', function: { name } }
}
