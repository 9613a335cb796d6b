import { numberAt, objectAt, parseJson, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { inputOf, objects, objectsAt } from '../../support/readers/plain.ts'
import { bytesIn, callIn, messagesIn, resultIn, stopsIn, textIn, toolsIn } from './sent-openai.ts'
import type { Sent, SentReader } from './sent.ts'
import type { Call } from './want.ts'

const named = (calls: readonly Call[], id: string): string => calls.find((call) => call.id === id)?.name ?? ''
const joined = (parts: readonly JsonObject[], name: string): string =>
  parts.map((part) => stringAt(part, name) ?? '').join('')

/** The parts of what one side says, whatever the form calls them; a text is one part. */
function partsOf(turns: Json | undefined, role: string, name = 'content'): readonly JsonObject[] {
  return turnsOf(turns, role).flatMap((turn) => {
    const own = turn[name]
    return typeof own === 'string' ? [{ type: 'text', text: own }] : objects(own)
  })
}

const turnsOf = (turns: Json | undefined, role: string): readonly JsonObject[] =>
  objects(turns).filter((turn) => turn['role'] === role)

/** What each turn of the user says; one of results alone says nothing. */
const saidBy = (turns: Json | undefined, role: string, name = 'content'): readonly string[] =>
  turnsOf(turns, role)
    .map((turn) => textIn(turn[name]))
    .filter((text) => text !== '')

/** Anthropic's Messages, at its own host and in the cloud. */
export const sentAsMessages: SentReader = (body, path) => {
  const turns = body['messages']
  const model = partsOf(turns, 'assistant')
  const user = partsOf(turns, 'user')
  const calls = model
    .filter(({ type }) => type === 'tool_use')
    .map((block) => ({
      id: stringAt(block, 'id') ?? '',
      name: stringAt(block, 'name') ?? '',
      input: inputOf(block['input']),
    }))
  const thinking = objectAt(body, 'thinking')
  const config = objectAt(body, 'output_config')
  return {
    system: textIn(body['system']),
    user: saidBy(turns, 'user'),
    said: joined(model, 'text'),
    images: objectsAt(
      user.filter(({ type }) => type === 'image'),
      'source',
    ).map((source) => stringAt(source, 'data') ?? ''),
    tools: toolsIn(body['tools'], 'input_schema'),
    calls,
    results: user
      .filter(({ type }) => type === 'tool_result')
      .map((block) => {
        const id = stringAt(block, 'tool_use_id') ?? ''
        return { id, name: named(calls, id), text: textIn(block['content']) }
      }),
    thoughts: model
      .filter(({ type }) => type === 'thinking')
      .map((block) => ({ text: stringAt(block, 'thinking') ?? '', signature: stringAt(block, 'signature') ?? '' })),
    schema: objectAt(config, 'format')?.['schema'],
    stop: stopsIn(body['stop_sequences']),
    limit: numberAt(body, 'max_tokens'),
    thinking: thinking?.['type'] === 'adaptive' ? config?.['effort'] : thinking?.['budget_tokens'],
    stream: body['stream'] === true || path.includes(':streamRawPredict'),
  }
}

/** Gemini, at its own host and in the cloud. */
export const sentAsGemini: SentReader = (body, path) => {
  const contents = body['contents']
  const model = partsOf(contents, 'model', 'parts')
  const user = partsOf(contents, 'user', 'parts')
  const config = objectAt(body, 'generationConfig')
  const thinking = objectAt(config, 'thinkingConfig')
  return {
    system: textIn(objectAt(body, 'systemInstruction')?.['parts']),
    user: saidBy(contents, 'user', 'parts'),
    said: joined(
      model.filter(({ thought }) => thought !== true),
      'text',
    ),
    images: objectsAt(user, 'inlineData').map((data) => stringAt(data, 'data') ?? ''),
    tools: toolsIn(
      objects(body['tools']).flatMap((tool) => objects(tool['functionDeclarations'])),
      'parametersJsonSchema',
    ),
    calls: objectsAt(model, 'functionCall').map((call) => ({
      id: stringAt(call, 'id') ?? '',
      name: stringAt(call, 'name') ?? '',
      input: inputOf(call['args']),
    })),
    results: objectsAt(user, 'functionResponse').map((given) => {
      const response = objectAt(given, 'response')
      const text = stringAt(response, 'output') ?? JSON.stringify(response)
      return { id: stringAt(given, 'id') ?? '', name: stringAt(given, 'name') ?? '', text }
    }),
    thoughts: thoughtsIn(model),
    schema: config?.['responseJsonSchema'],
    stop: stopsIn(config?.['stopSequences']),
    limit: numberAt(config, 'maxOutputTokens'),
    thinking: thinking?.['thinkingLevel'] ?? thinking?.['thinkingBudget'],
    stream: path.includes(':streamGenerateContent'),
  }
}

/** What stands where another model's call, or a client that kept none, has no signature. */
const UNSIGNED = 'skip_thought_signature_validator'

/** Google signs the first part behind a thought. */
function thoughtsIn(parts: readonly JsonObject[]): Sent['thoughts'] {
  const text = joined(
    parts.filter(({ thought }) => thought === true),
    'text',
  )
  const signature = parts.map((part) => stringAt(part, 'thoughtSignature')).find((own) => own !== UNSIGNED && own)
  return text === '' && signature === undefined ? [] : [{ text, signature: signature ?? '' }]
}

/** AWS's Converse. */
export const sentAsConverse: SentReader = (body, path) => {
  const turns = body['messages']
  const model = partsOf(turns, 'assistant')
  const user = partsOf(turns, 'user')
  const config = objectAt(body, 'inferenceConfig')
  const more = objectAt(body, 'additionalModelRequestFields')
  const calls = objectsAt(model, 'toolUse').map((use) => ({
    id: stringAt(use, 'toolUseId') ?? '',
    name: stringAt(use, 'name') ?? '',
    input: inputOf(use['input']),
  }))
  const structure = objectAt(objectAt(objectAt(body, 'outputConfig'), 'textFormat'), 'structure')
  const schema = stringAt(objectAt(structure, 'jsonSchema'), 'schema')
  const specs = objectsAt(objects(objectAt(body, 'toolConfig')?.['tools']), 'toolSpec')
  return {
    system: textIn(body['system']),
    user: saidBy(turns, 'user'),
    said: joined(model, 'text'),
    images: objectsAt(objectsAt(user, 'image'), 'source').map((source) => stringAt(source, 'bytes') ?? ''),
    tools: toolsIn(specs.map((spec) => ({ ...spec, parameters: objectAt(spec, 'inputSchema')?.['json'] ?? null }))),
    calls,
    results: objectsAt(user, 'toolResult').map((given) => {
      const id = stringAt(given, 'toolUseId') ?? ''
      return { id, name: named(calls, id), text: textIn(given['content']) }
    }),
    thoughts: objectsAt(objectsAt(model, 'reasoningContent'), 'reasoningText').map((own) => ({
      text: stringAt(own, 'text') ?? '',
      signature: stringAt(own, 'signature') ?? '',
    })),
    schema: schema === undefined ? undefined : parseJson(schema),
    stop: stopsIn(config?.['stopSequences']),
    limit: numberAt(config, 'maxTokens'),
    thinking: objectAt(more, 'output_config')?.['effort'] ?? objectAt(more, 'thinking')?.['budget_tokens'],
    stream: path.includes('/converse-stream'),
  }
}

/** HyperCLOVA X v3: arguments are objects, images stand in `dataUri`. Whether it streams is said by a header. */
export const sentAsClova: SentReader = (body, _path, accept) => {
  const messages = objects(body['messages'])
  const calls = messages.flatMap((message) => objects(message['toolCalls']).map(callIn))
  const format = objectAt(body, 'responseFormat')
  const effort = objectAt(body, 'thinking')?.['effort']
  return {
    ...messagesIn(messages),
    images: messages
      .flatMap(({ content }) => objects(content))
      .map((part) => stringAt(objectAt(part, 'dataUri'), 'data'))
      .filter((data) => data !== undefined)
      .map(bytesIn),
    tools: toolsIn(objects(body['tools']).map((tool) => objectAt(tool, 'function') ?? {})),
    calls,
    results: messages
      .filter(({ role }) => role === 'tool')
      .map((message) => resultIn({ ...message, tool_call_id: message['toolCallId'] ?? '' }, calls)),
    thoughts: [],
    schema: format?.['schema'],
    stop: stopsIn(body['stop'] ?? body['stopBefore']),
    limit: numberAt(body, 'maxCompletionTokens') ?? numberAt(body, 'maxTokens'),
    // It thinks unless it is told not to, which tools and schemas want.
    thinking: effort === 'none' ? undefined : effort,
    stream: accept === 'text/event-stream',
  }
}

/** Ollama's chat: images are beside the text, settings in `options`. */
export const sentAsOllama: SentReader = (body) => {
  const messages = objects(body['messages'])
  const options = objectAt(body, 'options')
  const read = messagesIn(messages)
  return {
    ...read,
    images: messages.flatMap((message) => stopsIn(message['images'])),
    tools: toolsIn(objects(body['tools']).map((tool) => objectAt(tool, 'function') ?? {})),
    results: messages
      .filter(({ role }) => role === 'tool')
      .map((message) => ({
        id: stringAt(message, 'tool_call_id') ?? '',
        name: stringAt(message, 'tool_name') ?? '',
        text: textIn(message['content']),
      })),
    thoughts: messages
      .map((message) => stringAt(message, 'thinking'))
      .filter((text) => text !== undefined)
      .map((text) => ({ text, signature: '' })),
    schema: typeof body['format'] === 'object' ? body['format'] : undefined,
    stop: stopsIn(options?.['stop']),
    limit: numberAt(options, 'num_predict'),
    thinking: body['think'],
    stream: body['stream'] === true,
  }
}
