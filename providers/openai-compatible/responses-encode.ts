import type { Encoded } from '#src/core/adapter.ts'
import type { EncodeConversation } from '#src/core/codec.ts'
import type {
  Conversation,
  MediaPart,
  Part,
  ReasoningPart,
  ServerTool,
  Setting,
  OutputFormat,
  Tool,
  ToolChoice,
  Turn,
} from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { optionNotSent, serverToolOptions } from '#src/core/server-tool.ts'
import { strictOf } from './chat-format.ts'
import { isStrict } from './chat-tools.ts'
import type { Quirks } from './definition.ts'
import { effortOf } from './effort.ts'
import { headersFor } from './encode-request.ts'
import { PATHS } from './wire.ts'

/** A conversation as a Responses request. Nothing is stored there: thoughts come back encrypted instead. */
export function encodeResponses({ conversation, model, account, stream }: EncodeConversation, quirks: Quirks): Encoded {
  const warnings: string[] = []
  if (conversation.turns.some(({ parts }) => parts.some(isForeignThought)))
    warnings.push('thoughts of earlier turns were not sent: the provider takes them with its own signature only')
  const body = {
    model,
    input: conversation.turns.flatMap(itemsOf),
    store: false,
    ...settingsOf(conversation, warnings),
    ...toolsOf(conversation, warnings),
    ...(stream && { stream: true }),
  }
  return {
    upstream: {
      method: 'POST',
      url: account.baseUrl + (quirks.paths.responses ?? PATHS.responses),
      headers: headersFor(account, stream, quirks),
      body: JSON.stringify(body),
    },
    warnings,
  }
}

function itemsOf({ role, parts }: Turn): readonly JsonObject[] {
  const items: JsonObject[] = []
  let content: JsonObject[] | undefined
  for (const part of parts) {
    const item = itemOf(part)
    if (item) {
      items.push(item)
      content = undefined
      continue
    }
    const own = contentOf(part, role)
    if (!own) continue
    if (content) content.push(own)
    else {
      content = [own]
      items.push({ type: 'message', role: role === 'tool' ? 'user' : role, content })
    }
  }
  return items
}

/** What is an item of its own; undefined: it stands in a message. */
function itemOf(part: Part): JsonObject | undefined {
  switch (part.type) {
    case 'tool-call':
      return part.custom
        ? { type: 'custom_tool_call', call_id: part.id, name: part.name, input: part.input }
        : { type: 'function_call', call_id: part.id, name: part.name, arguments: part.input }
    case 'tool-result': {
      const type = part.custom ? 'custom_tool_call_output' : 'function_call_output'
      return { type, call_id: part.id, output: outputOf(part.parts, part.failed === true) }
    }
    case 'reasoning':
      return part.signature && { type: 'reasoning', summary: summaryOf(part), encrypted_content: part.signature.value }
    case 'opaque':
      return part.value
    default:
      return undefined
  }
}

/** What another vendor's model thought: its text in the place of OpenAI's is answered with a 400. */
function isForeignThought(part: Part): boolean {
  return part.type === 'reasoning' && part.signature === undefined
}

/** A dialect with one text for thoughts brings back as their text what was their summary here. */
function summaryOf({ text = '', summary = text === '' ? [] : [text] }: ReasoningPart): readonly JsonObject[] {
  return summary.map((text) => ({ type: 'summary_text', text }))
}

function outputOf(parts: readonly Part[], failed: boolean): string | readonly JsonObject[] {
  const marked = failed ? [{ type: 'text', text: 'Error: ' } as const, ...parts] : parts
  if (marked.every((part) => part.type === 'text')) return marked.map(({ text }) => text).join('')
  return marked.map((part) => contentOf(part, 'user')).filter((part) => part !== undefined)
}

function contentOf(part: Part, role: Turn['role']): JsonObject | undefined {
  if (part.type === 'text') return { type: role === 'assistant' ? 'output_text' : 'input_text', text: part.text }
  if (part.type === 'refusal') return { type: 'refusal', refusal: part.text }
  return 'source' in part ? mediaOf(part) : undefined
}

function mediaOf({ type, source, detail, name }: MediaPart): JsonObject | undefined {
  if (source.kind === 'text')
    return { type: 'input_text', text: name === undefined ? source.text : `${name}:\n${source.text}` }
  const data = source.kind === 'data' ? `data:${source.mediaType};base64,${source.data}` : undefined
  if (type === 'image') {
    const where =
      source.kind === 'id' ? { file_id: source.id } : { image_url: data ?? (source.kind === 'url' ? source.url : '') }
    return { type: 'input_image', ...where, detail: detail ?? 'auto' }
  }
  if (type !== 'document') return undefined
  if (source.kind === 'id') return { type: 'input_file', file_id: source.id }
  return source.kind === 'url'
    ? { type: 'input_file', file_url: source.url }
    : { type: 'input_file', filename: name ?? 'document', file_data: data ?? '' }
}

function settingsOf(conversation: Conversation, warnings: string[]): JsonObject {
  const { settings, output, reasoning } = conversation
  const value = <Name extends keyof typeof settings>(name: Name) => settings[name]?.value
  const format = output && formatOf(output, warnings)
  const text = { ...(format && { format }), ...(settings.verbosity && { verbosity: settings.verbosity.value }) }
  const effort = effortOf(conversation, warnings)['reasoning_effort']
  const summary = reasoning?.value.summary
  const thinking = {
    ...(effort !== undefined && { effort }),
    ...(summary !== undefined && summary !== false && { summary }),
  }
  const include = [
    ...(reasoning ? ['reasoning.encrypted_content'] : []),
    ...(settings.logprobs ? ['message.output_text.logprobs'] : []),
  ]
  const plain = {
    max_output_tokens: value('max_output_tokens'),
    temperature: value('temperature'),
    top_p: value('top_p'),
    top_logprobs: value('logprobs'),
    parallel_tool_calls: value('parallel_tools'),
    max_tool_calls: value('max_tool_calls'),
    service_tier: value('service_tier'),
    metadata: value('metadata'),
    safety_identifier: value('user'),
    prompt_cache_key: value('cache_key'),
    text: Object.keys(text).length > 0 ? text : undefined,
    reasoning: Object.keys(thinking).length > 0 ? thinking : undefined,
    include: include.length > 0 ? include : undefined,
  }
  return Object.fromEntries(Object.entries(plain).filter(([, own]) => own !== undefined))
}

function formatOf(output: Setting<OutputFormat>, warnings: string[]): JsonObject {
  const { value } = output
  if (value.kind === 'json') return { type: 'json_object' }
  const { name = 'answer', description, schema, strict } = { ...value, ...strictOf(output, warnings) }
  return {
    type: 'json_schema',
    name,
    schema,
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  }
}

/** The tools that OpenAI runs, by the names that several vendors have. */
const SERVER: Readonly<Record<string, JsonObject>> = {
  web_search: { type: 'web_search' },
  code_execution: { type: 'code_interpreter', container: { type: 'auto' } },
}

export const RESPONSES_TOOLS: readonly string[] = Object.keys(SERVER)

function toolsOf({ tools, toolChoice }: Conversation, warnings: string[]): JsonObject {
  const wire = tools.flatMap((tool) => toolOf(tool, warnings))
  return {
    ...(wire.length > 0 && { tools: wire }),
    ...(toolChoice && { tool_choice: choiceOf(toolChoice.value, tools) }),
  }
}

function toolOf(tool: Tool, warnings: string[]): readonly JsonObject[] {
  if (tool.kind === 'server') return serverTool(tool, warnings)
  const { name, description } = tool
  const common = { name, ...(description !== undefined && { description }) }
  if (tool.kind === 'custom') return [{ type: 'custom', ...common, ...(tool.format && { format: tool.format }) }]
  return [
    { type: 'function', ...common, parameters: tool.parameters ?? null, strict: isStrict(tool, warnings) ?? false },
  ]
}

function serverTool(tool: ServerTool, warnings: string[]): readonly JsonObject[] {
  if (tool.vendor === 'openai') return [tool.value]
  const own = tool.common === undefined ? undefined : SERVER[tool.common]
  if (!own) return []
  const { allowedDomains, blockedDomains, location, others } = serverToolOptions(tool)
  for (const option of [...(blockedDomains ? ['blocked_domains'] : []), ...others])
    warnings.push(optionNotSent(option, tool))
  return [
    {
      ...own,
      ...(allowedDomains && { filters: { allowed_domains: allowedDomains } }),
      ...(location && { user_location: { type: 'approximate', ...location } }),
    },
  ]
}

function choiceOf(choice: ToolChoice, tools: readonly Tool[]): string | JsonObject {
  const named = (name: string): JsonObject => ({
    type: tools.some((tool) => tool.kind === 'custom' && tool.name === name) ? 'custom' : 'function',
    name,
  })
  if (choice.kind === 'named') return named(choice.name)
  if (choice.kind === 'allowed') return { type: 'allowed_tools', mode: choice.mode, tools: choice.names.map(named) }
  return choice.kind
}
