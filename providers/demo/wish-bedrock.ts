import { arrayAt, numberAt, objectAt, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import type { Wish } from './surface.ts'
import { hasResult, promptOf } from './wish-messages.ts'

/** What a request to Converse wants. */
export function wishOfBedrock(body: JsonObject): Wish {
  const config = objectAt(body, 'toolConfig')
  return {
    tools: (arrayAt(config, 'tools') ?? []).flatMap((tool) => {
      const own = objectAt(tool, 'toolSpec')
      return own === undefined
        ? []
        : [{ name: stringAt(own, 'name') ?? '', parameters: objectAt(own, 'inputSchema')?.['json'] }]
    }),
    mayCall: !hasResult(body, 'content'),
    tool: stringAt(objectAt(objectAt(config, 'toolChoice'), 'tool'), 'name'),
    format: formatOf(objectAt(objectAt(body, 'outputConfig'), 'textFormat')),
    limit: numberAt(objectAt(body, 'inferenceConfig'), 'maxTokens'),
    choices: 1,
    prompt: promptOf(body, ['system', 'toolConfig', 'messages']),
  }
}

/** A schema is text here. */
function formatOf(format: JsonObject | undefined): Wish['format'] {
  const schema = stringAt(objectAt(objectAt(format, 'structure'), 'jsonSchema'), 'schema')
  return schema === undefined ? undefined : { schema: parseJson(schema) }
}
