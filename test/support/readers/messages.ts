import { numberAt, objectAt, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import { inputOf, joined, last, objects, objectsAt, sum, usageOf, type PlainFinish, type Reader } from './plain.ts'

const FINISH: Readonly<Record<string, PlainFinish>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
  pause_turn: 'pause',
}

/** Anthropic's messages. */
export const readMessages: Reader = (values, stream) => {
  const wholes = stream ? objectsAt(values, 'message') : values
  const deltas = stream ? values.filter((value) => value['type'] === 'message_delta') : []
  const blocks = stream ? blocksOf(values) : wholes.flatMap((value) => objects(value['content']))
  const of = (type: string): readonly JsonObject[] => blocks.filter((block) => block['type'] === type)
  const usages = [...wholes, ...deltas].map((own) => objectAt(own, 'usage'))
  const finish = [...wholes, ...deltas.map((own) => objectAt(own, 'delta'))]
    .map((own) => stringAt(own, 'stop_reason'))
    .findLast((own) => own !== undefined)
  const cached = last(usages, 'cache_read_input_tokens')
  return {
    text: joined(of('text'), 'text'),
    refusal: '',
    reasoning: joined(of('thinking'), 'thinking'),
    calls: of('tool_use').map((block) => ({ name: stringAt(block, 'name') ?? '', input: inputOf(block['input']) })),
    finish: finish === undefined ? undefined : (FINISH[finish] ?? 'stop'),
    usage: usageOf({
      input: sum(last(usages, 'input_tokens'), cached, last(usages, 'cache_creation_input_tokens')),
      output: last(usages, 'output_tokens'),
      cached,
      reasoning: numberAt(objectAt(usages.at(-1), 'output_tokens_details'), 'thinking_tokens'),
    }),
  }
}

/** The blocks of a stream as they would stand in a whole answer. */
function blocksOf(values: readonly JsonObject[]): readonly JsonObject[] {
  const found = new Map<number, JsonObject>()
  for (const value of values) {
    const index = numberAt(value, 'index') ?? 0
    const started = objectAt(value, 'content_block')
    if (started) found.set(index, { ...started, json: '' })
    const [block, delta] = [found.get(index), objectAt(value, 'delta')]
    if (!block || !delta || value['type'] !== 'content_block_delta') continue
    const grown = (name: string, more: string): string => (stringAt(block, name) ?? '') + (stringAt(delta, more) ?? '')
    found.set(index, {
      ...block,
      text: grown('text', 'text'),
      thinking: grown('thinking', 'thinking'),
      json: grown('json', 'partial_json'),
    })
  }
  return [...found.values()].map((block) => {
    const json = stringAt(block, 'json') ?? ''
    return json === '' ? block : { ...block, input: parseJson(json) ?? json }
  })
}
