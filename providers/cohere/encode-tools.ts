import type { Conversation, FunctionTool, ToolChoice } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { offered } from '#src/core/parts.ts'

/** `tools`, `tool_choice` and `strict_tools`, which holds for all of them. */
export function toolsOf({ tools, toolChoice }: Conversation, warnings: string[]): JsonObject {
  const choice = toolChoice?.value
  const own = (choice?.kind === 'none' ? tools : offered(tools, choice)).flatMap((tool) =>
    tool.kind === 'function' ? [tool] : [],
  )
  if (own.length === 0) return {}
  if (own.length < tools.length && toolChoice)
    warnings.push(`\`${toolChoice.param}\` was honoured by offering only the tools that may be called`)
  const strict = own.some((tool) => tool.strict === true)
  if (strict && !own.every((tool) => tool.strict === true))
    warnings.push('`strict` was sent for every tool: the provider has it for all or none')
  const word = choiceOf(choice)
  return {
    tools: own.map(toolOf),
    ...(word !== undefined && { tool_choice: word }),
    ...(strict && { strict_tools: true }),
  }
}

function toolOf({ name, description, parameters = { type: 'object', properties: {} } }: FunctionTool): JsonObject {
  return { type: 'function', function: { name, ...(description !== undefined && { description }), parameters } }
}

function choiceOf(choice: ToolChoice | undefined): 'REQUIRED' | 'NONE' | undefined {
  switch (choice?.kind) {
    case 'none':
      return 'NONE'
    case 'required':
    case 'named':
      return 'REQUIRED'
    case 'allowed':
      return choice.mode === 'required' ? 'REQUIRED' : undefined
    default:
      return undefined
  }
}
