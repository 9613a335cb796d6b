import { numberAt, objectAt, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import { joined, objects, objectsAt, sum, usageOf, type PlainFinish, type Reader } from './plain.ts'

const FINISH: Readonly<Record<string, PlainFinish>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  guardrail_intervened: 'content_filter',
  content_filtered: 'content_filter',
}

/** Bedrock's Converse, whole or by its events. */
export const readBedrock: Reader = (values, stream) => {
  const of = (name: string): readonly JsonObject[] => objectsAt(values, name)
  const whole = objects(objectAt(objectAt(values[0], 'output'), 'message')?.['content'])
  const blocks = stream ? blocksOf(values) : whole
  const stop = stringAt(stream ? of('messageStop').at(-1) : values[0], 'stopReason')
  const usage = objectAt(stream ? of('metadata').at(-1) : values[0], 'usage')
  const cached = numberAt(usage, 'cacheReadInputTokens')
  return {
    text: joined(blocks, 'text'),
    refusal: '',
    reasoning: blocks
      .map((block) => objectAt(block, 'reasoningContent'))
      .map((own) => stringAt(own, 'text') ?? stringAt(objectAt(own, 'reasoningText'), 'text') ?? '')
      .join(''),
    calls: blocks.flatMap((block) => {
      const call = objectAt(block, 'toolUse')
      return call ? [{ name: stringAt(call, 'name') ?? '', input: call['input'] ?? {} }] : []
    }),
    finish: stop === undefined ? undefined : (FINISH[stop] ?? 'stop'),
    usage: usageOf({
      input: sum(numberAt(usage, 'inputTokens'), cached, numberAt(usage, 'cacheWriteInputTokens')),
      output: numberAt(usage, 'outputTokens'),
      cached,
      reasoning: undefined,
    }),
  }
}

/** Deltas of text and thoughts as they are, deltas of a call joined to it. */
function blocksOf(values: readonly JsonObject[]): readonly JsonObject[] {
  const blocks: JsonObject[] = []
  const inputs = new Map<number, string>()
  for (const value of values) {
    const [start, delta] = [objectAt(value, 'contentBlockStart'), objectAt(value, 'contentBlockDelta')]
    const index = numberAt(start ?? delta, 'contentBlockIndex') ?? 0
    const call = objectAt(objectAt(start, 'start'), 'toolUse')
    if (call) blocks.push({ index, toolUse: call })
    const piece = objectAt(delta, 'delta')
    if (piece) blocks.push(piece['toolUse'] === undefined ? piece : {})
    inputs.set(index, (inputs.get(index) ?? '') + (stringAt(objectAt(piece, 'toolUse'), 'input') ?? ''))
  }
  return blocks.map((block) => {
    const call = objectAt(block, 'toolUse')
    return call
      ? { toolUse: { ...call, input: parseJson(inputs.get(numberAt(block, 'index') ?? 0) ?? '') ?? {} } }
      : block
  })
}
