import type { Reasoning, Setting, SettingName, Settings, SettingValues } from '#src/core/conversation.ts'
import type { Json, JsonObject } from '#src/core/json.ts'
import type { Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'

type Put = <Name extends SettingName>(name: Name, value: SettingValues[Name] | undefined, param?: string) => void

/** The settings of a chat completion. Values that mean the default are not set. */
export function readSettings(request: Members, body: JsonObject): Settings {
  const settings: { -readonly [Name in SettingName]?: Settings[Name] } = {}
  const put: Put = (name, value, param = name) => {
    if (value !== undefined) Object.assign(settings, { [name]: { value, param } })
  }
  putSampling(request, put)
  putLimits(request, put, body)
  put('parallel_tools', request.boolean('parallel_tool_calls') === false ? false : undefined, 'parallel_tool_calls')
  put('verbosity', unless(request.string('verbosity'), 'medium'))
  put('service_tier', unless(request.string('service_tier'), 'auto'))
  put('metadata', filled(request.object('metadata')))
  const user = later(['safety_identifier', 'user'], body)
  put('user', request.string(user), user)
  put('cache_key', request.string('prompt_cache_key'), 'prompt_cache_key')
  const modalities = textsAt(request, 'modalities')
  put('modalities', modalities?.every((own) => own === 'text') ? undefined : modalities)
  put('speech', request.object('audio'), 'audio')
  put('store', request.boolean('store') === true ? true : undefined)
  return settings
}

function putSampling(request: Members, put: Put): void {
  const numbers = ['temperature', 'top_p', 'top_k', 'frequency_penalty', 'presence_penalty', 'seed'] as const
  for (const name of numbers) put(name, request.number(name))
  put('logit_bias', filled(request.object('logit_bias')))
  const wanted = request.boolean('logprobs') === true
  const top = request.number('top_logprobs') ?? 0
  put('logprobs', wanted ? top : undefined)
}

function putLimits(request: Members, put: Put, body: JsonObject): void {
  const limit = later(['max_completion_tokens', 'max_tokens'], body)
  put('max_output_tokens', request.number(limit), limit)
  put('stop', filled(textsAt(request, 'stop')))
  const choices = request.number('n')
  put('choices', choices === 1 ? undefined : choices, 'n')
}

/** The newer of two names of one thing, where it is written. The older one beside it is then not read, and so a warning names it. */
function later(names: readonly [newer: string, older: string], body: JsonObject): string {
  const [newer, older] = names
  return body[newer] === undefined || body[newer] === null ? older : newer
}

/** `reasoning_effort`; else OpenRouter's `reasoning` or DeepSeek's and LiteLLM's `thinking`. */
export function readReasoning(request: Members): Setting<Reasoning> | undefined {
  const effort = request.string('reasoning_effort')
  if (effort !== undefined) return { value: { effort }, param: 'reasoning_effort' }
  if (request.has('reasoning')) return setting(readRouted(request), 'reasoning')
  return request.has('thinking') ? setting(readThinking(request), 'thinking') : undefined
}

function setting(value: Reasoning, param: string): Setting<Reasoning> | undefined {
  return Object.keys(value).length === 0 ? undefined : { value, param }
}

function readRouted(request: Members): Reasoning {
  const own = request.inner('reasoning')
  if (!own) return {}
  const [effort, budget, enabled] = [own.string('effort'), own.number('max_tokens'), own.boolean('enabled')]
  const hidden = own.boolean('exclude') === true
  const summary = own.string('summary')
  own.close()
  return {
    ...(effort !== undefined && { effort }),
    ...(effort === undefined && enabled === false && { effort: 'none' }),
    ...(budget !== undefined && { budget }),
    ...(hidden ? { summary: false } : summary !== undefined && { summary }),
  }
}

function readThinking(request: Members): Reasoning {
  const own = request.inner('thinking')
  if (!own) return {}
  const [type, budget] = [own.string('type'), own.number('budget_tokens')]
  own.close()
  if (type === 'disabled') return { effort: 'none' }
  return budget === undefined ? { adaptive: true } : { budget }
}

/** A text or a list of texts. */
function textsAt(request: Members, name: string): readonly string[] | undefined {
  const value = request.any(name)
  if (value === undefined) return undefined
  if (typeof value === 'string') return [value]
  const texts = request.array(name) ?? []
  return texts.map((text: Json) => {
    if (typeof text !== 'string') throw invalid(`invalid value for \`${name}\`: expected texts`, name)
    return text
  })
}

function unless(value: string | undefined, usual: string): string | undefined {
  return value === usual ? undefined : value
}

function filled<Value extends object>(value: Value | undefined): Value | undefined {
  return value && Object.keys(value).length > 0 ? value : undefined
}
