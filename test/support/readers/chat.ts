import { isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import {
  inputOf,
  joined,
  objects,
  objectsAt,
  sum,
  usageOf,
  type PlainFinish,
  type PlainUsage,
  type Reader,
} from './plain.ts'

const FINISH: Readonly<Record<string, PlainFinish>> = {
  stop: 'stop',
  eos: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  max_tokens: 'length',
  tool_calls: 'tool_calls',
  tool_use: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
  error: 'error',
}
/** Where vendors put thoughts; the first of them that has any. */
const REASONING = ['reasoning_content', 'reasoning', 'reasoning_text'] as const

/** Where some put what others put into the details. */
const CACHED = ['prompt_cache_hit_tokens', 'cached_tokens', 'cache_read_input_tokens'] as const

/** Chat completions, whatever vendor they are from. */
export const readChat: Reader = (values, stream) => {
  const choices = values.flatMap((value) =>
    objects(value['choices']).filter((own) => (numberAt(own, 'index') ?? 0) === 0),
  )
  const messages = choices.map((choice) => {
    const [message, delta] = [objectAt(choice, 'message'), objectAt(choice, 'delta')]
    return (stream ? (delta ?? message) : (message ?? delta)) ?? {}
  })
  const contents = messages.flatMap(({ content = null }): Json[] => (Array.isArray(content) ? [...content] : [content]))
  const finish = choices.map((choice) => stringAt(choice, 'finish_reason')).findLast((own) => own)
  const usages = [...objectsAt(objectsAt(values, 'x_groq'), 'usage'), ...objectsAt(values, 'usage')]
  return {
    text: contents.map(textOf).join(''),
    refusal: joined(messages, 'refusal'),
    reasoning: contents.map(thoughtOf).join('') + messages.map(reasoningOf).join(''),
    calls: callsOf(messages),
    finish: finish === undefined ? undefined : (FINISH[finish] ?? 'stop'),
    usage: tokensOf(usages.at(-1)),
  }
}

/** Workers AI answers with the object itself where JSON was asked for. */
function textOf(content: Json): string {
  if (typeof content === 'string') return content
  return stringAt(content, 'text') ?? (isObject(content) && !('type' in content) ? JSON.stringify(content) : '')
}

const thoughtOf = (content: Json): string =>
  joined(objects(isObject(content) ? content['thinking'] : undefined), 'text')

function reasoningOf(message: JsonObject): string {
  const details = objects(message['reasoning_details'])
  const found = REASONING.map((name) => stringAt(message, name)).find((own) => own)
  return found ?? details.map((own) => stringAt(own, 'text') ?? stringAt(own, 'summary') ?? '').join('')
}

/** Some leave out the index, some the id in later pieces. */
function callsOf(messages: readonly JsonObject[]): readonly { readonly name: string; readonly input: Json }[] {
  const found = new Map<string, { name: string; input: string }>()
  for (const message of messages) {
    const calls = objects(message['tool_calls'])
    const older = objectAt(message, 'function_call')
    for (const [position, call] of [...calls, ...(older ? [{ function: older }] : [])].entries()) {
      const key = String(numberAt(call, 'index') ?? `at ${stringAt(call, 'id') ?? position}`)
      const own = found.get(key) ?? { name: '', input: '' }
      found.set(key, own)
      const [called, custom] = [objectAt(call, 'function'), objectAt(call, 'custom')]
      own.name ||= stringAt(called ?? custom, 'name') ?? ''
      own.input += stringAt(called, 'arguments') ?? stringAt(custom, 'input') ?? ''
    }
  }
  // Snowflake writes an empty one where nothing is called.
  return [...found.values()]
    .filter(({ name }) => name !== '')
    .map(({ name, input }) => ({ name, input: inputOf(input) }))
}

/** Some count thoughts beside the completion: their total says so. */
function tokensOf(usage: JsonObject | undefined): PlainUsage {
  const [input, output] = [numberAt(usage, 'prompt_tokens'), numberAt(usage, 'completion_tokens')]
  const [details, total] = [objectAt(usage, 'completion_tokens_details'), numberAt(usage, 'total_tokens')]
  const reasoning = numberAt(details, 'reasoning_tokens') ?? numberAt(usage, 'reasoning_tokens')
  const beside = sum(input, output, reasoning) === total ? reasoning : undefined
  const prompt = numberAt(objectAt(usage, 'prompt_tokens_details'), 'cached_tokens')
  const cached = CACHED.map((name) => numberAt(usage, name)).find((own) => own !== undefined)
  return usageOf({ input, output: sum(output, beside), cached: prompt ?? cached, reasoning })
}
