import type { Conversation, Field, OutputFormat, Setting } from '#src/core/conversation.ts'
import { objectAt } from '#src/core/json.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { membersOf, type Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'
import { readMessages } from './read-messages.ts'
import { readReasoning, readSettings } from './read-settings.ts'
import { readToolChoice, readTools } from './read-tools.ts'

/** A chat completion's request in the internal form. Throws FailureError, 400 with `param`. */
export function toConversation({ body }: ApiRequest): Conversation {
  const rest: Field[] = []
  const request = membersOf(body, '', rest)
  request.ignore('model', 'stream')
  const options = request.inner('stream_options')
  // tutti pads nothing: who asks for none gets what is done anyway.
  const padded = objectAt(body, 'stream_options')?.['include_obfuscation'] === true
  options?.ignore('include_usage', ...(padded ? [] : ['include_obfuscation']))
  options?.close()
  const toolChoice = readToolChoice(request)
  const output = readOutput(request)
  const reasoning = readReasoning(request)
  const conversation: Conversation = {
    turns: readMessages(request.each('messages')),
    tools: readTools(request),
    settings: readSettings(request, body),
    rest,
    ...(toolChoice && { toolChoice }),
    ...(output && { output }),
    ...(reasoning && { reasoning }),
  }
  request.close()
  return conversation
}

function readOutput(request: Members): Setting<OutputFormat> | undefined {
  const param = 'response_format'
  const format = request.inner(param)
  if (!format) return undefined
  const value = readFormat(format)
  format.close()
  return value && { value, param }
}

function readFormat(format: Members): OutputFormat | undefined {
  switch (format.string('type')) {
    case 'text':
      return undefined
    case 'json_object':
      return { kind: 'json' }
    case 'json_schema':
      return readSchema(format)
    default:
      throw invalid(
        `invalid value for \`${format.at('type')}\`: expected \`text\`, \`json_object\` or \`json_schema\``,
        format.at('type'),
      )
  }
}

function readSchema(format: Members): OutputFormat {
  const own = format.inner('json_schema')
  const schema = own?.object('schema')
  if (!own || !schema) {
    const place = `${format.at('json_schema')}.schema`
    throw invalid(`missing required parameter: \`${place}\``, place)
  }
  const [name, description, strict] = [own.string('name'), own.string('description'), own.boolean('strict')]
  own.close()
  return {
    kind: 'schema',
    schema,
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(strict === true && { strict }),
  }
}
