import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { isToolResult } from './request-record.ts'
import type { Wish } from './surface.ts'

/** What a request of the Messages API wants. */
export function wishOfMessages(body: JsonObject): Wish {
  const choice = objectAt(body, 'tool_choice')
  const format = objectAt(objectAt(body, 'output_config'), 'format') ?? objectAt(body, 'output_format')
  return {
    // Tools of Anthropic's own have no schema.
    tools: (arrayAt(body, 'tools') ?? []).flatMap((tool) => {
      const parameters = objectAt(tool, 'input_schema')
      return parameters === undefined ? [] : [{ name: stringAt(tool, 'name') ?? '', parameters }]
    }),
    mayCall: stringAt(choice, 'type') !== 'none' && !hasResult(body, 'content'),
    tool: stringAt(choice, 'type') === 'tool' ? stringAt(choice, 'name') : undefined,
    format: stringAt(format, 'type') === 'json_schema' ? { schema: format?.['schema'] } : undefined,
    limit: numberAt(body, 'max_tokens'),
    choices: 1,
    prompt: promptOf(body, ['system', 'tools', 'messages']),
  }
}

/** True once a tool has answered. */
export function hasResult(body: JsonObject, member: 'content' | 'parts'): boolean {
  const turns = arrayAt(body, 'messages') ?? arrayAt(body, 'contents') ?? []
  return turns.some((turn) => isObject(turn) && (arrayAt(turn, member) ?? []).some(isToolResult))
}

/** The members of a request that a model reads. */
export function promptOf(body: JsonObject, names: readonly string[]): Json {
  return names.flatMap((name) => body[name] ?? [])
}
