import { arrayAt, numberAt, objectAt, stringAt, type JsonObject } from '#src/core/json.ts'
import type { Wish, WishedTool } from './surface.ts'

/** What a chat completion's request wants. */
export function wishOfChat(body: JsonObject): Wish {
  const answered = (arrayAt(body, 'messages') ?? []).some((message) => stringAt(message, 'role') === 'tool')
  const format = objectAt(body, 'response_format')
  const type = stringAt(format, 'type')
  return {
    tools: functionsOf(body),
    mayCall: body['tool_choice'] !== 'none' && !answered,
    tool: stringAt(objectAt(objectAt(body, 'tool_choice'), 'function'), 'name'),
    format: type === 'json_schema' ? { schema: objectAt(format, 'json_schema')?.['schema'] } : jsonOf(type),
    limit: numberAt(body, 'max_completion_tokens') ?? numberAt(body, 'max_tokens'),
    choices: Math.max(1, Math.trunc(numberAt(body, 'n') ?? 1)),
    prompt: body['messages'],
  }
}

/** The functions in `tools`, as OpenAI and those who follow it write them. */
export function functionsOf(body: JsonObject): readonly WishedTool[] {
  return (arrayAt(body, 'tools') ?? []).flatMap((tool) => {
    const own = objectAt(tool, 'function')
    return own === undefined ? [] : [{ name: stringAt(own, 'name') ?? '', parameters: own['parameters'] }]
  })
}

function jsonOf(type: string | undefined): 'json' | undefined {
  return type === 'json_object' ? 'json' : undefined
}
