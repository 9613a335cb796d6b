import type { Conversation, FunctionTool, Tool, ToolChoice } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { offered } from '#src/core/parts.ts'
import { schemaFor } from '#providers/anthropic/encode-schema.ts'
import { isForced } from '#providers/anthropic/encode-thinking.ts'
import { cachePoint, type Writing } from './encode-turns.ts'

/** Tools, and what is asked of the model about them. */
export interface WireTools {
  readonly toolConfig?: JsonObject
  /** Of the model's own fields: what Converse has no place for. */
  readonly fields: JsonObject
  /** What the model is told in words. */
  readonly told?: string
}

const NO_CALLS = 'Do not call any tool: answer in text.'
const NOTHING: WireTools = { fields: {} }

/**
 * Tools as Converse takes them. It has no `none`: where earlier calls stand in the conversation the tools must be there too, so the model is told
 * not to call them, and otherwise they are left out.
 */
export function toolsOf(conversation: Conversation, writing: Writing): WireTools {
  const { tools, toolChoice, settings } = conversation
  const choice = toolChoice?.value
  const called = calledTools(conversation)
  const none = choice?.kind === 'none' || tools.length === 0
  if (none && called.length === 0) return NOTHING
  const emulated = isForced(choice) && !writing.traits.forced
  const wire = [...offeredOf(tools, choice, emulated), ...missing(called, tools)].flatMap((tool) =>
    toolBlocks(tool, writing),
  )
  if (wire.length === 0) return NOTHING
  const toolConfig = { tools: wire }
  if (none || emulated) tellChoice(toolChoice?.param, { none, writing })
  if (none) return { toolConfig, fields: {}, told: NO_CALLS }
  const told = emulated && choice ? { told: demandOf(choice) } : {}
  // Only Claude can be kept to one call at a time, by its own field, which must not stand beside Converse's.
  if (settings.parallel_tools?.value === false)
    return { toolConfig, fields: { tool_choice: claudeChoice(emulated ? undefined : choice) }, ...told }
  const picked = choice && !emulated ? choiceOf(choice) : undefined
  return { toolConfig: { ...toolConfig, ...(picked && { toolChoice: picked }) }, fields: {}, ...told }
}

function tellChoice(
  param: string | undefined,
  { none, writing }: { readonly none: boolean; readonly writing: Writing },
): void {
  if (param === undefined) return
  const why = none ? 'the provider has no `none`' : 'the model cannot be made to call a tool'
  writing.warnings.add(`\`${param}\` was put into words: ${why}`)
}

/** Where only some may be called, only these are offered; one that is named where none can be named is offered alone. */
function offeredOf(tools: readonly Tool[], choice: ToolChoice | undefined, emulated: boolean): readonly Tool[] {
  const narrow = choice?.kind === 'allowed' || (emulated && choice?.kind === 'named')
  return narrow ? offered(tools, choice) : tools
}

function demandOf(choice: ToolChoice): string {
  const which = choice.kind === 'named' ? `the tool ${choice.name}` : 'one of the tools'
  return `Answer with a call of ${which}, and with nothing else.`
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
  const { name, description = '', parameters = {}, strict, cache } = tool
  const { schema, changed } = strict === true ? schemaFor(parameters) : { schema: parameters, changed: false }
  if (changed)
    writing.warnings.add(
      `parameters of the tool \`${name}\` were changed: the provider's strict tools know fewer constraints`,
    )
  const toolSpec = {
    name,
    ...(description !== '' && { description }),
    inputSchema: { json: { type: 'object', ...schema } },
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
