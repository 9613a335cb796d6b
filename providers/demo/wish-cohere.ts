import { objectAt, stringAt, type JsonObject } from '#src/core/json.ts'
import type { Wish } from './surface.ts'
import { wishOfChat } from './wish-chat.ts'

/** What a request of Cohere's chat wants. */
export function wishOfCohere(body: JsonObject): Wish {
  const wish = wishOfChat(body)
  return {
    ...wish,
    mayCall: wish.mayCall && body['tool_choice'] !== 'NONE',
    tool: undefined,
    format: formatOf(objectAt(body, 'response_format')),
    choices: 1,
  }
}

function formatOf(format: JsonObject | undefined): Wish['format'] {
  if (stringAt(format, 'type') !== 'json_object') return undefined
  const schema = format?.['json_schema'] ?? format?.['schema']
  return schema === undefined ? 'json' : { schema }
}
