import type { DialectMemory } from '#src/core/dialect.ts'
import { arrayAt, isObject, objectAt, parseJson, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { editJson } from '#src/core/json-scan.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { readSignature } from '#src/core/signature.ts'

const OPENAI = 'openai'

/** What tutti keeps of responses, so that a later request can go on from one, whoever answered it. */
export const responsesMemory: DialectMemory = {
  previous: ({ body }) => stringAt(body, 'previous_response_id'),
  named: ({ body }) =>
    itemsOf(body['input']).flatMap((item) => (isReference(item) ? (stringAt(item, 'id') ?? []) : [])),
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
    return withInput(request, input)
  },
  signed: (rest) => (arrayAt(responseIn(rest), 'output') ?? []).flatMap(signedId),
  brought: ({ body }) => (arrayAt(body, 'input') ?? []).flatMap(signedId),
  without(request, ids) {
    const brought = arrayAt(request.body, 'input') ?? []
    const own = brought.filter((item) => !isForeign(item) && !signedId(item).some((id) => ids.has(id)))
    return own.length === brought.length ? request : withInput(request, own.map(withoutId))
  },
  keep({ body }, rest) {
    if (body['store'] === false) return undefined
    const response = responseIn(rest)
    const id = stringAt(response, 'id')
    if (!response || id === undefined) return undefined
    return { id, answer: response, input: itemsOf(body['input']), output: arrayAt(response, 'output') ?? [] }
  },
}

function withInput(request: ApiRequest, input: readonly Json[]): ApiRequest {
  const text = editJson(request.text, [{ op: 'set', key: 'input', value: JSON.stringify(input) }])
  return { ...request, text, body: { ...request.body, input } }
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

/** The id of a thought that an account of this dialect's vendors has encrypted: what tutti wrote for others says itself whose it is. */
function signedId(item: Json): readonly string[] {
  const id = stringAt(item, 'id')
  return id !== undefined && vendorOf(item) === OPENAI ? [id] : []
}

/** A thought that another vendor has signed. */
function isForeign(item: Json): boolean {
  return (vendorOf(item) ?? OPENAI) !== OPENAI
}

function vendorOf(item: Json): string | undefined {
  const token = stringAt(item, 'type') === 'reasoning' ? stringAt(item, 'encrypted_content') : undefined
  return token === undefined ? undefined : readSignature(token, OPENAI).vendor
}

/** An id ties an item to the thought before it, which may be gone. */
function withoutId(item: Json): Json {
  const type = stringAt(item, 'type')
  if (!isObject(item) || type === 'reasoning' || type === 'item_reference') return item
  const { id: _id, ...rest } = item
  return rest
}

/** An item as another account may get it: ids mean something to the one that made them alone, and so may thoughts that do not say whose they are. */
function replayed(item: Json, thoughts: boolean): readonly Json[] {
  if (!isObject(item)) return []
  if (item['type'] === 'reasoning' && !thoughts && !isForeign(item)) return []
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
