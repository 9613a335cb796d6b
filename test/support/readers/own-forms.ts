import { numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { inputOf, joined, objects, usageOf, type PlainCall, type PlainFinish, type Reader } from './plain.ts'

const COHERE: Readonly<Record<string, PlainFinish>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool_calls',
  ERROR: 'error',
}

const listed = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value]

/** Cohere's v2, whole or by its events. */
export const readCohere: Reader = (values, stream) => {
  const bodies = values.map((value) => (stream ? (objectAt(value, 'delta') ?? {}) : value))
  const messages = bodies.map((body) => objectAt(body, 'message'))
  const calls: { name: string; input: string }[] = []
  for (const call of messages
    .flatMap((message) => listed(message?.['tool_calls']))
    .map((own) => objectAt(own, 'function'))) {
    const name = stringAt(call, 'name')
    if (name !== undefined) calls.push({ name, input: '' })
    const open = calls.at(-1)
    if (open) open.input += stringAt(call, 'arguments') ?? ''
  }
  const usage = bodies.map((body) => objectAt(body, 'usage')).findLast((own) => own !== undefined)
  const finish = bodies.map((body) => stringAt(body, 'finish_reason')).findLast((own) => own !== undefined)
  return {
    text: joined(
      messages.flatMap((message) => listed(message?.['content'])),
      'text',
    ),
    refusal: '',
    reasoning:
      joined(messages, 'tool_plan') +
      joined(
        messages.flatMap((message) => listed(message?.['content'])),
        'thinking',
      ),
    calls: calls.map(({ name, input }) => ({ name, input: inputOf(input) })),
    finish: finish === undefined ? undefined : (COHERE[finish] ?? 'stop'),
    usage: usageOf({
      input: numberAt(objectAt(usage, 'tokens'), 'input_tokens'),
      output: numberAt(objectAt(usage, 'tokens'), 'output_tokens'),
      cached: numberAt(usage, 'cached_tokens'),
      reasoning: undefined,
    }),
  }
}

/** HyperCLOVA X v3: the event that holds usage says all of the text again. */
export const readClova: Reader = (values, stream) => {
  const bodies = values.map((value) => (stream ? value : (objectAt(value, 'result') ?? value)))
  const said = bodies.filter((body) => !stream || body['usage'] === undefined).map((body) => objectAt(body, 'message'))
  const usage = bodies.map((body) => objectAt(body, 'usage')).findLast((own) => own !== undefined)
  const finish = bodies.map((body) => stringAt(body, 'finishReason')).findLast((own) => own !== undefined)
  return {
    text: joined(said, 'content'),
    refusal: '',
    reasoning: joined(said, 'thinkingContent'),
    calls: said.flatMap((message) => functions(message, 'toolCalls')),
    finish: finish === undefined ? undefined : finish === 'length' ? 'length' : 'stop',
    usage: usageOf({
      input: numberAt(usage, 'promptTokens'),
      output: numberAt(usage, 'completionTokens'),
      cached: undefined,
      reasoning: undefined,
    }),
  }
}

/** Ollama's chat, whole or by its lines. */
export const readOllama: Reader = (values) => {
  const messages = values.map((value) => objectAt(value, 'message'))
  const end = values.findLast((value) => value['done'] === true)
  const finish = stringAt(end, 'done_reason')
  return {
    text: joined(messages, 'content'),
    refusal: '',
    reasoning: joined(messages, 'thinking'),
    calls: messages.flatMap((message) => functions(message, 'tool_calls')),
    finish: end && (finish === 'length' ? 'length' : 'stop'),
    usage: usageOf({
      input: numberAt(end, 'prompt_eval_count'),
      output: numberAt(end, 'eval_count'),
      cached: undefined,
      reasoning: undefined,
    }),
  }
}

function functions(message: JsonObject | undefined, name: string): readonly PlainCall[] {
  return objects(message?.[name])
    .map((call) => objectAt(call, 'function'))
    .map((own) => ({ name: stringAt(own, 'name') ?? '', input: inputOf(own?.['arguments']) }))
}
