import type { Conversation, ServerTool, Tool, ToolChoice } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { optionNotSent, serverToolOptions } from '#src/core/server-tool.ts'
import { marked } from './encode-blocks.ts'
import { schemaFor } from './encode-schema.ts'
import { isForced } from './encode-thinking.ts'
import type { ModelTraits } from './model-traits.ts'
import { VENDOR } from './wire.ts'

/** What tools have to fit to. */
export interface Bench {
  readonly traits: ModelTraits
  readonly warnings: Set<string>
}

/** `tools` and `tool_choice`. */
export function toolsOf({ tools, toolChoice, settings }: Conversation, bench: Bench): JsonObject {
  const choice = toolChoice?.value
  const emulated = isForced(choice) && !bench.traits.forced
  const wire = offered(tools, emulated ? choice : allowedOf(choice)).flatMap((tool) => toolOf(tool, bench))
  if (wire.length === 0) return {}
  if (emulated)
    bench.warnings.add(
      `\`${toolChoice?.param ?? 'tool_choice'}\` was put into words: the model cannot be made to call a tool`,
    )
  const picked = choice ? choiceOf(choice, emulated) : undefined
  const single = settings.parallel_tools?.value === false && picked?.['type'] !== 'none'
  if (!single) return { tools: wire, ...(picked && { tool_choice: picked }) }
  return { tools: wire, tool_choice: { type: 'auto', ...picked, disable_parallel_tool_use: true } }
}

/** What is said to a model that cannot be made to call a tool; undefined: nothing has to be. */
export function demandOf({ tools, toolChoice }: Conversation, { forced }: ModelTraits): string | undefined {
  const choice = toolChoice?.value
  if (forced || !choice || tools.length === 0) return undefined
  if (choice.kind === 'named') return `Answer with a call of the tool ${choice.name}, and with nothing else.`
  const required = choice.kind === 'required' || (choice.kind === 'allowed' && choice.mode === 'required')
  return required ? 'Answer with a call of one of the tools, and with nothing else.' : undefined
}

function allowedOf(choice: ToolChoice | undefined): ToolChoice | undefined {
  return choice?.kind === 'allowed' ? choice : undefined
}

/** Where only some may be called, only these are offered. */
function offered(tools: readonly Tool[], choice: ToolChoice | undefined): readonly Tool[] {
  const names = choice?.kind === 'allowed' ? choice.names : choice?.kind === 'named' ? [choice.name] : undefined
  return names ? tools.filter((tool) => 'name' in tool && names.includes(tool.name)) : tools
}

function choiceOf(choice: ToolChoice, emulated: boolean): JsonObject {
  if (emulated) return { type: 'auto' }
  switch (choice.kind) {
    case 'named':
      return { type: 'tool', name: choice.name }
    case 'required':
      return { type: 'any' }
    case 'allowed':
      return { type: choice.mode === 'required' ? 'any' : 'auto' }
    default:
      return { type: choice.kind }
  }
}

function toolOf(tool: Tool, { warnings }: Bench): readonly JsonObject[] {
  if (tool.kind === 'server') return serverTool(tool, warnings)
  if (tool.kind === 'custom') return []
  const { name, description, parameters = {}, strict, cache } = tool
  const { schema, changed } = strict === true ? schemaFor(parameters) : { schema: parameters, changed: false }
  if (changed)
    warnings.add(`parameters of the tool \`${name}\` were changed: the provider's strict tools know fewer constraints`)
  const wire = {
    name,
    ...(description !== undefined && { description }),
    input_schema: { type: 'object', ...schema },
    ...(strict === true && { strict }),
  }
  return [marked(wire, cache)]
}

/** The tools that the provider runs, in the versions that every current model knows. */
const SERVER: Readonly<Record<string, JsonObject>> = {
  web_search: { type: 'web_search_20250305', name: 'web_search' },
  web_fetch: { type: 'web_fetch_20250910', name: 'web_fetch' },
  code_execution: { type: 'code_execution_20250825', name: 'code_execution' },
}

/** Their common names. */
export const SERVER_TOOLS: readonly string[] = Object.keys(SERVER)

function serverTool(tool: ServerTool, warnings: Set<string>): readonly JsonObject[] {
  if (tool.vendor === VENDOR) return [tool.value]
  const own = tool.common === undefined ? undefined : SERVER[tool.common]
  if (!own) return []
  const { allowedDomains, blockedDomains, location, others } = serverToolOptions(tool)
  for (const option of others) warnings.add(optionNotSent(option, tool))
  // It refuses the two together.
  const domains = allowedDomains ? { allowed_domains: allowedDomains } : { blocked_domains: blockedDomains }
  return [
    {
      ...own,
      ...(location && { user_location: { type: 'approximate', ...location } }),
      ...((allowedDomains ?? blockedDomains) && domains),
    },
  ]
}
