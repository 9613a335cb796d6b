import type { Account, Encode, Encoded } from '#src/core/adapter.ts'
import type { EncodeConversation } from '#src/core/codec.ts'
import type { Conversation, Tool, ToolChoice } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { editJson } from '#src/core/json-scan.ts'
import { blockOf, marked, messagesOf } from './encode-blocks.ts'
import { DEFAULT_MAX_TOKENS, VERSION } from './wire.ts'

/** A request in Anthropic's own dialect: the caller's bytes with the upstream's model, and the version of the API that they are written in. */
export function encodeNative({ request, model, account }: Encode): Encoded {
  return {
    upstream: {
      method: 'POST',
      url: `${account.baseUrl}/messages`,
      headers: { ...headersFor(account, request.stream), ...request.headers, ...account.headers },
      body: editJson(request.text, [{ op: 'set', key: 'model', value: JSON.stringify(model) }]),
    },
    warnings: [],
  }
}

/** A conversation for Anthropic's own host. */
export function encodeConversation(input: EncodeConversation): Encoded {
  const { account, model, stream } = input
  const { body, warnings } = messageBody(input)
  return {
    upstream: {
      method: 'POST',
      url: `${account.baseUrl}/messages`,
      headers: { ...headersFor(account, stream), ...account.headers },
      body: JSON.stringify({ model, ...body, ...(stream && { stream: true }) }),
    },
    warnings,
  }
}

function headersFor({ apiKey }: Account, stream: boolean): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: stream ? 'text/event-stream' : 'application/json',
    'anthropic-version': VERSION,
    ...(apiKey !== undefined && apiKey !== '' && { 'x-api-key': apiKey }),
  }
}

/** The body without model and stream, which other hosts of the same models write elsewhere. */
export function messageBody({ conversation }: EncodeConversation): { body: JsonObject; warnings: readonly string[] } {
  const warnings: string[] = []
  const { system, turns } = systemOf(conversation)
  const body = {
    ...(system.length > 0 && { system }),
    messages: messagesOf(turns),
    ...limitsOf(conversation, warnings),
    ...samplingOf(conversation, warnings),
    ...toolsOf(conversation),
  }
  return { body, warnings }
}

/** System text in front of everything is `system`; later text stays where it was. What is asked of the form in words joins it. */
function systemOf({ turns, output }: Conversation) {
  const begin = turns.findIndex(({ role }) => role !== 'system' && role !== 'developer')
  const front = begin < 0 ? turns : turns.slice(0, begin)
  const system: JsonObject[] = front.flatMap(({ parts }) => parts.flatMap(blockOf))
  if (output?.value.kind === 'json')
    system.push({ type: 'text', text: 'Answer with one JSON object and nothing else.' })
  return { system, turns: begin < 0 ? [] : turns.slice(begin) }
}

/** Room for an answer beside thoughts whose budget takes all that there was, in tokens. */
const BESIDE_THOUGHTS = 1024

function limitsOf({ settings, reasoning, output }: Conversation, warnings: string[]): JsonObject {
  const { effort, budget, adaptive, summary } = reasoning?.value ?? {}
  const asked = settings.max_output_tokens?.value
  let limit = asked ?? DEFAULT_MAX_TOKENS
  if (asked === undefined && budget !== undefined) limit = Math.max(limit, budget + DEFAULT_MAX_TOKENS)
  if (asked === undefined) warnings.push(`\`max_tokens\` was set to ${limit}: the provider demands one`)
  const thoughts = budget !== undefined && budget >= limit ? limit - BESIDE_THOUGHTS : budget
  if (thoughts !== budget)
    warnings.push(
      `\`${reasoning?.param ?? 'thinking'}\` was lowered to ${thoughts} tokens to leave room for the answer`,
    )
  const display = summary === undefined ? {} : { display: summary === false ? 'omitted' : 'summarized' }
  const off = effort === 'none' || thoughts === 0
  const thinking = off
    ? { type: 'disabled' }
    : thoughts !== undefined && thoughts >= BESIDE_THOUGHTS
      ? { type: 'enabled', budget_tokens: thoughts, ...display }
      : adaptive === true || effort !== undefined || summary !== undefined || thoughts !== undefined
        ? { type: 'adaptive', ...display }
        : undefined
  const level = effort === undefined || off ? undefined : effortOf(effort, warnings)
  const format = output?.value.kind === 'schema' ? { type: 'json_schema', schema: output.value.schema } : undefined
  const config = { ...(level !== undefined && { effort: level }), ...(format && { format }) }
  return {
    max_tokens: limit,
    ...(thinking && { thinking }),
    ...(Object.keys(config).length > 0 && { output_config: config }),
  }
}

const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max']

function effortOf(effort: string, warnings: string[]): string {
  if (EFFORTS.includes(effort)) return effort
  warnings.push(`the reasoning effort \`${effort}\` was sent as \`low\``)
  return 'low'
}

function samplingOf({ settings }: Conversation, warnings: string[]): JsonObject {
  const { temperature, top_p, top_k, user, stop } = settings
  const stops = stop?.value.filter((text) => text.trim() !== '') ?? []
  if (stop && stops.length < stop.value.length)
    warnings.push(`blank texts of \`${stop.param}\` were not sent: the provider refuses them`)
  if (temperature && temperature.value > 1) warnings.push("`temperature` was lowered to 1, the provider's highest")
  return {
    ...(temperature && { temperature: Math.min(1, temperature.value) }),
    ...(top_p && { top_p: top_p.value }),
    ...(top_k && { top_k: top_k.value }),
    ...(stops.length > 0 && { stop_sequences: stops }),
    ...(user && { metadata: { user_id: user.value } }),
  }
}

function toolsOf({ tools, toolChoice, settings }: Conversation): JsonObject {
  const choice = toolChoice?.value
  const allowed = choice?.kind === 'allowed' ? choice.names : undefined
  const offered = allowed ? tools.filter((tool) => 'name' in tool && allowed.includes(tool.name)) : tools
  const wire = offered.flatMap(toolOf)
  if (wire.length === 0) return {}
  const single =
    settings.parallel_tools?.value === false && choice?.kind !== 'none'
      ? { disable_parallel_tool_use: true }
      : undefined
  const picked = choice ? choiceOf(choice) : single && { type: 'auto' }
  return { tools: wire, ...(picked && { tool_choice: { ...picked, ...single } }) }
}

/** The tools that the provider runs, in the versions that every current model knows. */
const SERVER: Readonly<Record<string, JsonObject>> = {
  web_search: { type: 'web_search_20250305', name: 'web_search' },
  web_fetch: { type: 'web_fetch_20250910', name: 'web_fetch' },
  code_execution: { type: 'code_execution_20250825', name: 'code_execution' },
}

export const SERVER_TOOLS: readonly string[] = Object.keys(SERVER)

function toolOf(tool: Tool): readonly JsonObject[] {
  if (tool.kind === 'server') {
    if (tool.vendor === 'anthropic') return [tool.value]
    const own = tool.common === undefined ? undefined : SERVER[tool.common]
    return own ? [own] : []
  }
  if (tool.kind === 'custom') return []
  const { name, description, parameters, strict, cache } = tool
  const wire = {
    name,
    ...(description !== undefined && { description }),
    input_schema: { type: 'object', ...parameters },
    ...(strict === true && { strict }),
  }
  return [marked(wire, cache)]
}

function choiceOf(choice: ToolChoice): JsonObject {
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
