import type { OutputFormat, Reasoning, Setting, SettingName, Settings, SettingValues } from '#src/core/conversation.ts'
import { stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import type { Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'
import { jsonSchemaOf } from './read-schema.ts'
import { memberOf } from './spelling.ts'

/** What `generationConfig`, and what stands beside it, asks of an answer. */
export interface Config {
  readonly settings: Settings
  readonly output?: Setting<OutputFormat>
  readonly reasoning?: Setting<Reasoning>
}

/** Numbers, by their names here and elsewhere. */
const NUMBERS = [
  ['maxOutputTokens', 'max_output_tokens'],
  ['temperature', 'temperature'],
  ['topP', 'top_p'],
  ['topK', 'top_k'],
  ['frequencyPenalty', 'frequency_penalty'],
  ['presencePenalty', 'presence_penalty'],
  ['seed', 'seed'],
] as const

/** Reads and closes `generationConfig`; the values that mean the default are not set. */
export function readConfig(request: Members): Config {
  const settings: { -readonly [Name in SettingName]?: Settings[Name] } = {}
  const put = <Name extends SettingName>(name: Name, value: SettingValues[Name] | undefined, param: string): void => {
    if (value !== undefined) Object.assign(settings, { [name]: { value, param } })
  }
  putCommon(request, put)
  const config = request.inner('generationConfig')
  if (!config) return { settings }
  for (const [name, common] of NUMBERS) put(common, config.number(name), config.at(name))
  const count = config.number('candidateCount')
  put('choices', count === 1 ? undefined : count, config.at('candidateCount'))
  put('stop', textsOf(config.array('stopSequences')), config.at('stopSequences'))
  const [wanted, near] = [config.boolean('responseLogprobs'), config.number('logprobs')]
  put('logprobs', wanted === true ? (near ?? 0) : undefined, config.at('responseLogprobs'))
  const modalities = textsOf(config.array('responseModalities'))?.map((own) => own.toLowerCase())
  put(
    'modalities',
    modalities?.every((own) => own === 'text') ? undefined : modalities,
    config.at('responseModalities'),
  )
  put('speech', readSpeech(config), config.at('speechConfig'))
  const output = readOutput(config)
  const reasoning = readThinking(config)
  config.close()
  return { settings, ...(output && { output }), ...(reasoning && { reasoning }) }
}

type Put = <Name extends SettingName>(name: Name, value: SettingValues[Name] | undefined, param: string) => void

/** Google calls the default tier `standard`. */
function putCommon(request: Members, put: Put): void {
  const tier = request.string('serviceTier')?.toLowerCase()
  const usual = tier === undefined || tier === 'unspecified' || tier === 'standard'
  put('service_tier', usual ? undefined : tier, request.at('serviceTier'))
  const labels = request.object('labels')
  put('metadata', labels && Object.keys(labels).length > 0 ? labels : undefined, request.at('labels'))
  put('store', request.boolean('store') === true ? true : undefined, request.at('store'))
}

function textsOf(values: readonly Json[] | undefined): readonly string[] | undefined {
  const texts = values?.filter((value) => typeof value === 'string')
  return texts === undefined || texts.length === 0 ? undefined : texts
}

/** A voice; what else there is of speech has no counterpart. */
function readSpeech(config: Members): JsonObject | undefined {
  const speech = config.object('speechConfig')
  if (!speech) return undefined
  const voice = memberOf(memberOf(memberOf(speech, 'voiceConfig'), 'prebuiltVoiceConfig'), 'voiceName')
  const plain = Object.keys(speech).length === 1
  if (typeof voice !== 'string' || !plain) config.rest.push({ param: config.at('speechConfig'), value: speech })
  return typeof voice === 'string' ? { voice } : undefined
}

function readOutput(config: Members): Setting<OutputFormat> | undefined {
  const type = config.string('responseMimeType')
  const openapi = config.object('responseSchema')
  const whole = config.object('responseJsonSchema') ?? config.object('_responseJsonSchema')
  if (config.has('responseFormat')) throw noCounterpart(config.at('responseFormat'))
  const param = config.at(whole ? 'responseJsonSchema' : openapi ? 'responseSchema' : 'responseMimeType')
  const schema = whole ?? (openapi && jsonSchemaOf(openapi))
  if (type !== undefined && type !== 'application/json' && type !== 'text/plain')
    throw noCounterpart(config.at('responseMimeType'))
  if (schema) return { value: { kind: 'schema', schema, ...titled(schema) }, param }
  return type === 'application/json' ? { value: { kind: 'json' }, param } : undefined
}

/** Others want a name of a schema, of letters, digits, `_` and `-`. */
function titled(schema: JsonObject): { readonly name?: string } {
  const title = stringAt(schema, 'title') ?? ''
  const name = Array.from(title, (char) => (isNameChar(char) ? char : '_'))
    .join('')
    .slice(0, 64)
  return name === '' ? {} : { name }
}

function isNameChar(char: string): boolean {
  return (
    (char >= 'a' && char <= 'z') ||
    (char >= 'A' && char <= 'Z') ||
    (char >= '0' && char <= '9') ||
    char === '-' ||
    char === '_'
  )
}

function noCounterpart(param: string): ReturnType<typeof invalid> {
  return invalid(`\`${param}\` has no counterpart elsewhere`, param)
}

/** A budget of 0 asks for no thoughts, of -1 for as many as the model likes. */
function readThinking(config: Members): Setting<Reasoning> | undefined {
  const thinking = config.inner('thinkingConfig')
  if (!thinking) return undefined
  const [budget, level] = [thinking.number('thinkingBudget'), thinking.string('thinkingLevel')?.toLowerCase()]
  const shown = thinking.boolean('includeThoughts')
  thinking.close()
  const effort = budget === 0 ? 'none' : level === 'thinking_level_unspecified' ? undefined : level
  const value: Reasoning = {
    ...(effort !== undefined && { effort }),
    ...(budget !== undefined && budget > 0 && { budget }),
    ...(budget === -1 && { adaptive: true }),
    ...(shown === true && { summary: 'auto' }),
  }
  return Object.keys(value).length === 0 ? undefined : { value, param: config.at('thinkingConfig') }
}
