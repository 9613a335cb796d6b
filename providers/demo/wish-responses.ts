import { arrayAt, numberAt, objectAt, stringAt, type JsonObject } from '#src/core/json.ts'
import type { Wish } from './surface.ts'

const RESULTS: ReadonlySet<string> = new Set(['function_call_output', 'custom_tool_call_output'])

/** What a request of the Responses API wants. */
export function wishOfResponses(body: JsonObject): Wish {
  const answered = (arrayAt(body, 'input') ?? []).some((item) => RESULTS.has(stringAt(item, 'type') ?? ''))
  const format = objectAt(objectAt(body, 'text'), 'format')
  const type = stringAt(format, 'type')
  const choice = objectAt(body, 'tool_choice')
  return {
    tools: (arrayAt(body, 'tools') ?? []).flatMap((tool) =>
      stringAt(tool, 'type') === 'function'
        ? [{ name: stringAt(tool, 'name') ?? '', parameters: objectAt(tool, 'parameters') }]
        : [],
    ),
    mayCall: body['tool_choice'] !== 'none' && !answered,
    tool: stringAt(choice, 'type') === 'function' ? stringAt(choice, 'name') : undefined,
    format: type === 'json_schema' ? { schema: format?.['schema'] } : type === 'json_object' ? 'json' : undefined,
    limit: numberAt(body, 'max_output_tokens'),
    choices: 1,
    prompt: body['input'],
  }
}
