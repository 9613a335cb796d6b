import type { Conversation, FunctionTool, Tool, ToolChoice } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { cachePoint, type Writing } from './encode-turns.ts'

/** Tools, and what is asked of the model about them. */
export interface WireTools {
  readonly toolConfig?: JsonObject
  /** Of the model's own fields: what Converse has no place for. */
  readonly fields: JsonObject
  /** It is told in words not to call any. */
  readonly forbidden: boolean
}

/**
 * Tools as Converse takes them. It has no `none`: where earlier calls stand in the conversation the tools must be there too, so the model is told
 * not to call them, and otherwise they are left out.
 */
export function toolsOf(conversation: Conversation, writing: Writing): WireTools {
  const { tools, toolChoice, settings } = conversation
  const choice = toolChoice?.value
  const called = calledTools(conversation)
  const none = choice?.kind === 'none' || tools.length === 0
  if (none && called.length === 0) return { fields: {}, forbidden: false }
  const offered =
    choice?.kind === 'allowed' ? tools.filter((tool) => 'name' in tool && choice.names.includes(tool.name)) : tools
  const wire = [...offered, ...missing(called, tools)].flatMap((tool) => toolBlocks(tool, writing))
  if (wire.length === 0) return { fields: {}, forbidden: false }
  if (none) return { toolConfig: { tools: wire }, fields: {}, forbidden: true }
  const picked = choice && choiceOf(choice)
  // Only Claude can be kept to one call at a time, by its own field, which must not stand beside Converse's.
  const single = settings.parallel_tools?.value === false
  if (single) return { toolConfig: { tools: wire }, fields: { tool_choice: claudeChoice(choice) }, forbidden: false }
  return { toolConfig: { tools: wire, ...(picked && { toolChoice: picked }) }, fields: {}, forbidden: false }
}

/** The names of tools that were called before. */
function calledTools({ turns }: Conversation): readonly string[] {
  const calls = turns.flatMap(({ parts }) => parts).filter((part) => part.type === 'tool-call')
  return [...new Set(calls.map(({ name }) => name))]
}

/** Stand-ins for tools that were called and are not offered any more, where there are no others: without any the API refuses the calls. */
function missing(called: readonly string[], tools: readonly Tool[]): readonly FunctionTool[] {
  return tools.length > 0 ? [] : called.map((name) => ({ kind: 'function', name }))
}

function toolBlocks(tool: Tool, writing: Writing): readonly JsonObject[] {
  if (tool.kind === 'server') return [tool.value]
  if (tool.kind === 'custom') return []
  const { name, description = '', parameters, strict, cache } = tool
  const toolSpec = {
    name,
    ...(description !== '' && { description }),
    inputSchema: { json: { type: 'object', ...parameters } },
    ...(strict === true && { strict }),
  }
  if (!cache) return [{ toolSpec }]
  if (writing.traits.cachePoints === 'everywhere') return [{ toolSpec }, cachePoint(cache, writing)]
  writing.warnings.add('cache marks of tools were not sent: the model takes none there')
  return [{ toolSpec }]
}

function choiceOf(choice: ToolChoice): JsonObject | undefined {
  switch (choice.kind) {
    case 'named':
      return { tool: { name: choice.name } }
    case 'required':
      return { any: {} }
    case 'allowed':
      return choice.mode === 'required' ? { any: {} } : undefined
    default:
      return undefined
  }
}

function claudeChoice(choice: ToolChoice | undefined): JsonObject {
  const single = { disable_parallel_tool_use: true }
  if (choice?.kind === 'named') return { type: 'tool', name: choice.name, ...single }
  const must = choice?.kind === 'required' || (choice?.kind === 'allowed' && choice.mode === 'required')
  return { type: must ? 'any' : 'auto', ...single }
}
