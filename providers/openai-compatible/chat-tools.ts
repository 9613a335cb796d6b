import type { Conversation, FunctionTool, Tool, ToolChoice } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import type { Quirks } from './definition.ts'
import { fitsStrict } from './strict-schema.ts'

/** `tools` and `tool_choice`. */
export function toolsOf({ tools, toolChoice }: Conversation, quirks: Quirks, warnings: string[]): JsonObject {
  const choice = toolChoice?.value
  const offered = offeredOf(tools, choice, quirks)
  if (offered.length < tools.length && toolChoice)
    warnings.push(`\`${toolChoice.param}\` was honoured by offering only the tools that may be called`)
  const wire = offered.flatMap((tool) => toolOf(tool, warnings))
  if (wire.length === 0) return {}
  return { tools: wire, ...(choice && { tool_choice: choiceOf(choice, tools, quirks) }) }
}

/** Where a choice has no word, tools that may not be called are not offered. */
function offeredOf(tools: readonly Tool[], choice: ToolChoice | undefined, quirks: Quirks): readonly Tool[] {
  if (choice?.kind === 'none' && !hasToolChoice(quirks)) return []
  if (choice?.kind !== 'allowed' || quirks.members === 'openai') return tools
  return tools.filter((tool) => 'name' in tool && choice.names.includes(tool.name))
}

export function hasToolChoice({ ignored, unsent, removed }: Quirks): boolean {
  return ![...ignored, ...unsent, ...removed].includes('tool_choice')
}

function toolOf(tool: Tool, warnings: string[]): readonly JsonObject[] {
  if (tool.kind === 'server') return []
  const { name, description } = tool
  const common = { name, ...(description !== undefined && { description }) }
  if (tool.kind === 'custom') {
    return [{ type: 'custom', custom: { ...common, ...(tool.format && { format: tool.format }) } }]
  }
  const { parameters, cache } = tool
  const strict = isStrict(tool, warnings)
  const own = { ...common, ...(parameters && { parameters }), ...(strict !== undefined && { strict }) }
  const mark = cache && { cache_control: { type: 'ephemeral', ...(cache.ttl !== undefined && { ttl: cache.ttl }) } }
  return [{ type: 'function', function: own, ...mark }]
}

/** Whether arguments are kept to their schema; undefined: nobody asked. */
export function isStrict({ name, parameters, strict }: FunctionTool, warnings: string[]): boolean | undefined {
  if (strict !== true || (parameters && fitsStrict(parameters))) return strict
  warnings.push(`\`strict\` of the tool \`${name}\` was not sent: it wants every property demanded`)
  return undefined
}

function choiceOf(choice: ToolChoice, tools: readonly Tool[], quirks: Quirks): string | JsonObject {
  const required = quirks.requiredToolChoice
  switch (choice.kind) {
    case 'required':
      return required
    case 'named':
      return named(choice.name, tools)
    case 'allowed': {
      if (quirks.members !== 'openai') return choice.mode === 'required' ? required : 'auto'
      const names = choice.names.map((name) => named(name, tools))
      return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools: names } }
    }
    default:
      return choice.kind
  }
}

function named(name: string, tools: readonly Tool[]): JsonObject {
  const kind = tools.some((tool) => tool.kind === 'custom' && tool.name === name) ? 'custom' : 'function'
  return { type: kind, [kind]: { name } }
}
