import type { DialectMemory } from '#src/core/dialect.ts'
import { arrayAt, isObject, objectAt, parseJson, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { editJson } from '#src/core/json-scan.ts'

/** What tutti keeps of responses, so that a later request can go on from one, whoever answered it. */
export const responsesMemory: DialectMemory = {
  previous: ({ body }) => stringAt(body, 'previous_response_id'),
  resume(request, before) {
    const input = [...before.flatMap(replayed), ...itemsOf(request.body['input'])]
    const { previous_response_id: _previous, ...rest } = request.body
    const text = editJson(request.text, [
      { op: 'set', key: 'input', value: JSON.stringify(input) },
      { op: 'remove', key: 'previous_response_id' },
    ])
    return { ...request, text, body: { ...rest, input } }
  },
  keep({ body }, rest) {
    if (body['store'] === false) return undefined
    const response = responseIn(rest)
    const id = stringAt(response, 'id')
    if (!response || id === undefined) return undefined
    return { id, answer: response, input: itemsOf(body['input']), output: arrayAt(response, 'output') ?? [] }
  },
}

/** A text is the user's message. */
function itemsOf(input: Json | undefined): readonly Json[] {
  if (typeof input === 'string')
    return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }]
  return Array.isArray(input) ? input : []
}

/** An item as anybody may get it: thoughts and ids mean something to the account that made them alone. */
function replayed(item: Json): readonly Json[] {
  if (!isObject(item)) return []
  if (item['type'] === 'reasoning') return []
  const { id: _id, status: _status, ...rest } = item
  return [rest]
}

/** The response in a whole answer, or in the last event of a stream. */
function responseIn(rest: string): JsonObject | undefined {
  const whole = parseJson(rest)
  if (isObject(whole)) return whole
  const data = rest.split('\n').findLast((line) => line.startsWith('data:'))
  const event = parseJson(data?.slice('data:'.length) ?? '')
  return objectAt(event, 'response')
}
