import type { DialectMemory } from '#src/core/dialect.ts'
import { arrayAt, isObject, objectAt, parseJson, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { editJson } from '#src/core/json-scan.ts'
import { readSignature } from '#src/core/signature.ts'

const OPENAI = 'openai'

/** What tutti keeps of responses, so that a later request can go on from one, whoever answered it. */
export const responsesMemory: DialectMemory = {
  previous: ({ body }) => stringAt(body, 'previous_response_id'),
  named: ({ body }) => [
    ...new Set(itemsOf(body['input']).flatMap((item) => (isReference(item) ? responsesOf(item) : []))),
  ],
  resume(request, before, thoughts) {
    const input = [...before.flatMap((item) => replayed(item, thoughts)), ...itemsOf(request.body['input'])]
    const { previous_response_id: _previous, ...rest } = request.body
    const text = editJson(request.text, [
      { op: 'set', key: 'input', value: JSON.stringify(input) },
      { op: 'remove', key: 'previous_response_id' },
    ])
    return { ...request, text, body: { ...rest, input } }
  },
  filled(request, known, thoughts) {
    const byId = new Map(known.map((item) => [stringAt(item, 'id'), item]))
    const input = itemsOf(request.body['input']).flatMap((item) => {
      const id = isReference(item) ? stringAt(item, 'id') : undefined
      const own = id === undefined ? undefined : byId.get(id)
      if (own === undefined) return [item]
      // Once: a short request must not become an endless one.
      byId.delete(id)
      return replayed(own, thoughts)
    })
    const text = editJson(request.text, [{ op: 'set', key: 'input', value: JSON.stringify(input) }])
    return { ...request, text, body: { ...request.body, input } }
  },
  signed: (rest) => (arrayAt(responseIn(rest), 'output') ?? []).flatMap(signedId),
  brought: ({ body }) => (arrayAt(body, 'input') ?? []).flatMap(signedId),
  without(request, ids) {
    const input = (arrayAt(request.body, 'input') ?? []).flatMap((item) =>
      signedId(item).some((id) => ids.has(id)) ? [] : [withoutId(item)],
    )
    const text = editJson(request.text, [{ op: 'set', key: 'input', value: JSON.stringify(input) }])
    return { ...request, text, body: { ...request.body, input } }
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

/**
 * Clients name what they know to be kept: `{ type: 'item_reference', id }`, the id alone, or a thought by its id and its summary, without what
 * it was signed with.
 */
function isReference(item: Json): boolean {
  if (!isObject(item)) return false
  const { type } = item
  if (type === 'reasoning') return (item['encrypted_content'] ?? null) === null
  return type === 'item_reference' || Object.keys(item).every((name) => name === 'id')
}

/** The response that an item's id was made of. */
function responsesOf(item: Json): readonly string[] {
  const id = stringAt(item, 'id') ?? ''
  const [from, to] = [id.indexOf('_'), id.lastIndexOf('_')]
  return from < 0 || to <= from ? [] : [`resp_${id.slice(from + 1, to)}`]
}

/** The id of a thought that an account of this dialect's vendors has encrypted: what tutti wrote for others says itself whose it is. */
function signedId(item: Json): readonly string[] {
  const [id, token] = [stringAt(item, 'id'), stringAt(item, 'encrypted_content')]
  const own =
    stringAt(item, 'type') === 'reasoning' && token !== undefined && readSignature(token, OPENAI).vendor === OPENAI
  return own && id !== undefined ? [id] : []
}

/** An id ties an item to the thought before it, which may be gone. */
function withoutId(item: Json): Json {
  const type = stringAt(item, 'type')
  if (!isObject(item) || type === 'reasoning' || type === 'item_reference') return item
  const { id: _id, ...rest } = item
  return rest
}

/** An item as another account may get it: ids mean something to the one that made them alone, and so may thoughts. */
function replayed(item: Json, thoughts: boolean): readonly Json[] {
  if (!isObject(item)) return []
  if (item['type'] === 'reasoning' && !thoughts) return []
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
