import { arrayAt, isObject, type Json, type JsonObject } from '#src/core/json.ts'

/** A whole message as the data of the events that a stream of it has, its proper end included. */
export function unfoldMessage(message: JsonObject): readonly string[] {
  const { content: _content, stop_reason, stop_sequence, stop_details, usage, ...head } = message
  const blocks = (arrayAt(message, 'content') ?? []).filter(isObject)
  const start = { ...head, content: [], stop_reason: null, stop_sequence: null, usage: withoutOutput(usage) }
  const delta = {
    stop_reason: stop_reason ?? null,
    stop_sequence: stop_sequence ?? null,
    ...(stop_details !== undefined && { stop_details }),
  }
  const events: readonly JsonObject[] = [
    { type: 'message_start', message: start },
    ...blocks.flatMap(blockEvents),
    { type: 'message_delta', delta, ...(usage !== undefined && { usage }) },
    { type: 'message_stop' },
  ]
  return events.map((own) => JSON.stringify(own))
}

/** One event as it is written: the official SDK goes by the name. */
export function frameEvent(data: string): string {
  const type = typeOf(data)
  return `event: ${type}\ndata: ${data}\n\n`
}

const TYPE = '{"type":"'

/** Events of `unfoldMessage` begin with their type. */
function typeOf(data: string): string {
  return data.startsWith(TYPE) ? data.slice(TYPE.length, data.indexOf('"', TYPE.length)) : 'message_delta'
}

/** What was written is known at the end only. */
function withoutOutput(usage: Json | undefined): Json {
  return isObject(usage) ? { ...usage, output_tokens: 0 } : { input_tokens: 0, output_tokens: 0 }
}

/** Text, thoughts and inputs grow by deltas, as clients expect them; all else stands in the start already. */
function blockEvents(block: JsonObject, index: number): readonly JsonObject[] {
  const { stub, deltas } = unfoldBlock(block)
  return [
    { type: 'content_block_start', index, content_block: stub },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

function unfoldBlock(block: JsonObject): { readonly stub: JsonObject; readonly deltas: readonly JsonObject[] } {
  switch (block['type']) {
    case 'text': {
      const { citations: _citations, ...stub } = block
      const cited = (arrayAt(block, 'citations') ?? []).map((citation) => ({ type: 'citations_delta', citation }))
      return { stub: { ...stub, text: '' }, deltas: [...textDelta('text', block['text']), ...cited] }
    }
    case 'thinking': {
      const signature = block['signature']
      const signed = signature === undefined || signature === '' ? [] : [{ type: 'signature_delta', signature }]
      return {
        stub: { ...block, thinking: '', signature: '' },
        deltas: [...textDelta('thinking', block['thinking']), ...signed],
      }
    }
    case 'tool_use':
    case 'server_tool_use': {
      const delta = { type: 'input_json_delta', partial_json: JSON.stringify(block['input'] ?? {}) }
      return { stub: { ...block, input: {} }, deltas: [delta] }
    }
    default:
      return { stub: block, deltas: [] }
  }
}

function textDelta(name: string, text: Json | undefined): readonly JsonObject[] {
  return text === undefined || text === '' ? [] : [{ type: `${name}_delta`, [name]: text }]
}
