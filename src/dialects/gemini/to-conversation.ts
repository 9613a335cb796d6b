import type {
  Conversation,
  Field,
  OutputFormat,
  Part,
  Reasoning,
  Setting,
  SettingName,
  Settings,
  SettingValues,
  Tool,
  ToolChoice,
  Turn,
} from '#src/core/conversation.ts'
import { isObject, type JsonObject } from '#src/core/json.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { membersOf, type Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'
import { createCallNames, readParts } from './read-parts.ts'
import { jsonSchemaOf } from './schema.ts'

/** A Gemini request in the internal form. Throws FailureError, 400 with `param`. */
export function toConversation({ body }: ApiRequest): Conversation {
  const rest: Field[] = []
  const request = membersOf(body, '', rest)
  if (request.has('cachedContent'))
    throw invalid('`cachedContent` names something that only Google has', 'cachedContent')
  const config = request.inner('generationConfig')
  const names = createCallNames()
  const turns = request.each('contents').flatMap((content) => readContent(content, names))
  const toolChoice = readToolChoice(request)
  const output = config && readOutput(config)
  const reasoning = config && readReasoning(config)
  const conversation: Conversation = {
    turns: [...systemOf(request), ...turns],
    tools: request.each('tools').flatMap(readTools),
    settings: readSettings(config),
    rest,
    ...(toolChoice && { toolChoice }),
    ...(output && { output }),
    ...(reasoning && { reasoning }),
  }
  request.ignore('model')
  config?.close()
  request.close()
  return conversation
}

function systemOf(request: Members): readonly Turn[] {
  const value = request.any('systemInstruction')
  if (typeof value === 'string') return [{ role: 'system', parts: [{ type: 'text', text: value }] }]
  const content = request.inner('systemInstruction')
  if (!content) return []
  content.ignore('role')
  const parts = readParts(content, createCallNames())
  content.close()
  return parts.length === 0 ? [] : [{ role: 'system', parts }]
}

/** Results of functions are a turn of their own. */
function readContent(content: Members, names: ReturnType<typeof createCallNames>): readonly Turn[] {
  const role = content.string('role') ?? 'user'
  if (!['user', 'model', 'function', 'system'].includes(role))
    throw invalid(`invalid value for \`${content.at('role')}\`: expected \`user\` or \`model\``, content.at('role'))
  const parts = readParts(content, names)
  content.close()
  if (role === 'model') return [{ role: 'assistant', parts }]
  if (role === 'system') return [{ role: 'system', parts }]
  const results = parts.filter(({ type }) => type === 'tool-result')
  const others = parts.filter(({ type }) => type !== 'tool-result')
  const turn = (own: Turn['role'], some: readonly Part[]): readonly Turn[] =>
    some.length > 0 ? [{ role: own, parts: some }] : []
  return [...turn('tool', results), ...turn('user', others)]
}

const COMMON: Readonly<Record<string, string>> = {
  googleSearch: 'web_search',
  googleSearchRetrieval: 'web_search',
  codeExecution: 'code_execution',
  urlContext: 'web_fetch',
}

function readTools(tool: Members): readonly Tool[] {
  const functions = tool.each('functionDeclarations').map(readFunction)
  const others = Object.entries(tool.whole()).filter(([name]) => name !== 'functionDeclarations')
  return [
    ...functions,
    ...others.map(([name, value]): Tool => {
      const common = COMMON[name]
      return {
        kind: 'server',
        vendor: 'google',
        value: { [name]: value ?? {} },
        ...(common !== undefined && { common }),
      }
    }),
  ]
}

function readFunction(own: Members): Tool {
  const name = own.string('name')
  if (name === undefined || name === '')
    throw invalid(`missing required parameter: \`${own.at('name')}\``, own.at('name'))
  const description = own.string('description')
  const older = own.object('parameters')
  const parameters = own.object('parametersJsonSchema') ?? (older && jsonSchemaOf(older))
  own.close()
  return {
    kind: 'function',
    name,
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
  }
}

function readToolChoice(request: Members): Setting<ToolChoice> | undefined {
  const config = request.inner('toolConfig')
  const calling = config?.inner('functionCallingConfig')
  const mode = calling?.string('mode') ?? 'AUTO'
  const names = (calling?.array('allowedFunctionNames') ?? []).filter((name) => typeof name === 'string')
  calling?.close()
  config?.close()
  const param = 'toolConfig.functionCallingConfig'
  const [first] = names
  switch (mode) {
    case 'NONE':
      return { value: { kind: 'none' }, param }
    case 'ANY':
      if (first === undefined) return { value: { kind: 'required' }, param }
      return {
        value: names.length === 1 ? { kind: 'named', name: first } : { kind: 'allowed', mode: 'required', names },
        param,
      }
    default:
      return first === undefined ? undefined : { value: { kind: 'allowed', mode: 'auto', names }, param }
  }
}

function readOutput(config: Members): Setting<OutputFormat> | undefined {
  const type = config.string('responseMimeType')
  const older = config.object('responseSchema')
  const schema = config.object('responseJsonSchema') ?? (older && jsonSchemaOf(older))
  const param = 'generationConfig.responseMimeType'
  if (schema) return { value: { kind: 'schema', schema }, param }
  if (type === undefined || type === 'text/plain') return undefined
  if (type === 'application/json') return { value: { kind: 'json' }, param }
  throw invalid(`invalid value for \`${config.at('responseMimeType')}\`: only Google answers in this form`, param)
}

function readReasoning(config: Members): Setting<Reasoning> | undefined {
  const thinking = config.inner('thinkingConfig')
  if (!thinking) return undefined
  const [budget, level, shown] = [
    thinking.number('thinkingBudget'),
    thinking.string('thinkingLevel'),
    thinking.boolean('includeThoughts'),
  ]
  thinking.close()
  const value: Reasoning = {
    ...(budget !== undefined && (budget < 0 ? { adaptive: true } : budget === 0 ? { effort: 'none' } : { budget })),
    ...(level !== undefined && { effort: level.toLowerCase() }),
    ...(shown !== undefined && { summary: shown ? 'auto' : (false as const) }),
  }
  return Object.keys(value).length === 0 ? undefined : { value, param: 'generationConfig.thinkingConfig' }
}

/** Where Google's names stand in the internal form. */
const NUMBERS = [
  ['max_output_tokens', 'maxOutputTokens'],
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['top_k', 'topK'],
  ['frequency_penalty', 'frequencyPenalty'],
  ['presence_penalty', 'presencePenalty'],
  ['seed', 'seed'],
] as const

function readSettings(config: Members | undefined): Settings {
  const settings: { -readonly [Name in SettingName]?: Settings[Name] } = {}
  if (!config) return settings
  const put = <Name extends SettingName>(name: Name, value: SettingValues[Name] | undefined, own: string): void => {
    if (value !== undefined) Object.assign(settings, { [name]: { value, param: `generationConfig.${own}` } })
  }
  for (const [name, own] of NUMBERS) put(name, config.number(own), own)
  const stop = (config.array('stopSequences') ?? []).filter((text) => typeof text === 'string')
  put('stop', stop.length > 0 ? stop : undefined, 'stopSequences')
  const count = config.number('candidateCount')
  put('choices', count === 1 ? undefined : count, 'candidateCount')
  const top = config.number('logprobs') ?? 0
  put('logprobs', config.boolean('responseLogprobs') === true ? top : undefined, 'responseLogprobs')
  const modalities = (config.array('responseModalities') ?? [])
    .filter((text) => typeof text === 'string')
    .map((text) => text.toLowerCase())
  put('modalities', modalities.every((own) => own === 'text') ? undefined : modalities, 'responseModalities')
  const speech: JsonObject | undefined = config.object('speechConfig')
  put('speech', isObject(speech) ? speech : undefined, 'speechConfig')
  return settings
}
