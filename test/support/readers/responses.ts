import { numberAt, objectAt, stringAt, type JsonObject } from '#src/core/json.ts'
import { inputOf, joined, objects, objectsAt, usageOf, type PlainFinish, type Reader } from './plain.ts'

/** Responses: a stream by its deltas, and by its items where these hold no text. */
export const readResponses: Reader = (values, stream) => {
  const of = (type: string): readonly JsonObject[] => values.filter((value) => value['type'] === type)
  const answer = stream ? objectsAt(values, 'response').at(-1) : values.at(-1)
  const items = objectsAt(of('response.output_item.done'), 'item')
  const output = stream ? items : objects(answer?.['output'])
  const contents = output.filter(({ type }) => type === 'message').flatMap((item) => objects(item['content']))
  const said = (delta: string, whole: string): string =>
    stream ? joined(of(`response.${delta}.delta`), 'delta') : whole
  const usage = objectAt(answer, 'usage')
  return {
    text: said(
      'output_text',
      joined(
        contents.filter(({ type }) => type === 'output_text'),
        'text',
      ),
    ),
    refusal: said('refusal', joined(contents, 'refusal')),
    reasoning: output.map(reasoningOf).join(''),
    calls: output.flatMap((item) => {
      const name = stringAt(item, 'name') ?? ''
      if (item['type'] === 'function_call') return [{ name, input: inputOf(item['arguments']) }]
      return item['type'] === 'custom_tool_call' ? [{ name, input: item['input'] ?? '' }] : []
    }),
    finish: finishOf(answer),
    usage: usageOf({
      input: numberAt(usage, 'input_tokens'),
      output: numberAt(usage, 'output_tokens'),
      cached: numberAt(objectAt(usage, 'input_tokens_details'), 'cached_tokens'),
      reasoning: numberAt(objectAt(usage, 'output_tokens_details'), 'reasoning_tokens'),
    }),
  }
}

/** As the model thought it, else as it may be shown. */
function reasoningOf(item: JsonObject): string {
  if (item['type'] !== 'reasoning') return ''
  return joined(objects(item['content']), 'text') || joined(objects(item['summary']), 'text')
}

function finishOf(answer: JsonObject | undefined): PlainFinish | undefined {
  const status = stringAt(answer, 'status')
  if (status === undefined || status === 'completed') return status && 'stop'
  if (status !== 'incomplete') return 'error'
  return stringAt(objectAt(answer, 'incomplete_details'), 'reason') === 'content_filter' ? 'content_filter' : 'length'
}
