import type { Citation, Part, Source, Turn } from '#src/core/conversation.ts'
import { isObject, numberAt, stringAt, type Json } from '#src/core/json.ts'
import { readSignature } from '#src/core/signature.ts'
import { sourceOfUrl } from '../shared/media.ts'
import type { Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'

/**
 * The `input`: a text, or items. Items of one side that follow each other are one turn. A result may stand anywhere behind its call, and others
 * want it right there: it joins the results of that turn.
 */
export function readItems(request: Members): readonly Turn[] {
  const input = request.any('input')
  if (typeof input === 'string') return [{ role: 'user', parts: [{ type: 'text', text: input }] }]
  const turns: Turn[] = []
  for (const item of request.each('input')) {
    const turn = readItem(item)
    const at = placeOf(turn, turns)
    const before = turns[at - 1]
    const joins = before?.role === turn.role && (turn.role === 'assistant' || turn.role === 'tool')
    if (joins && before) turns[at - 1] = { role: turn.role, parts: [...before.parts, ...turn.parts] }
    else turns.splice(at, 0, turn)
  }
  return turns
}

/** Where a turn goes: behind all others, but for a result whose call stands further up. */
function placeOf({ parts: [part] }: Turn, turns: readonly Turn[]): number {
  if (part?.type !== 'tool-result') return turns.length
  const calling = turns.findLastIndex(({ parts }) =>
    parts.some((own) => own.type === 'tool-call' && own.id === part.id),
  )
  if (calling < 0) return turns.length
  return turns[calling + 1]?.role === 'tool' ? calling + 2 : calling + 1
}

function readItem(item: Members): Turn {
  const type = item.string('type') ?? (item.has('role') ? 'message' : '')
  item.ignore('status', 'id')
  switch (type) {
    case 'message': {
      const role = item.string('role')
      if (role !== 'user' && role !== 'assistant' && role !== 'system' && role !== 'developer')
        throw invalid(`invalid value for \`${item.at('role')}\``, item.at('role'))
      return closed(item, { role, parts: readContent(item, 'content') })
    }
    case 'function_call':
    case 'custom_tool_call':
      return closed(item, { role: 'assistant', parts: [callOf(item, type === 'custom_tool_call')] })
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const id = item.string('call_id')
      if (id === undefined) throw invalid(`missing required parameter: \`${item.at('call_id')}\``, item.at('call_id'))
      const custom = type === 'custom_tool_call_output'
      const parts = readContent(item, 'output')
      return closed(item, { role: 'tool', parts: [{ type: 'tool-result', id, parts, ...(custom && { custom }) }] })
    }
    case 'reasoning':
      return closed(item, { role: 'assistant', parts: [reasoningOf(item)] })
    case 'item_reference':
      throw invalid(`\`${item.at('id')}\` names an item that only another provider has`, item.at('id'))
    default: {
      const value = item.whole()
      const role = type.endsWith('_output') ? 'tool' : 'assistant'
      return { role, parts: [{ type: 'opaque', vendor: 'openai', kind: type, value }] }
    }
  }
}

function closed(item: Members, turn: Turn): Turn {
  item.close()
  return turn
}

function callOf(item: Members, custom: boolean): Part {
  const id = item.string('call_id')
  const name = item.string('name')
  if (id === undefined || name === undefined) {
    const missing = item.at(id === undefined ? 'call_id' : 'name')
    throw invalid(`missing required parameter: \`${missing}\``, missing)
  }
  const input = item.string(custom ? 'input' : 'arguments') ?? ''
  if (custom) return { type: 'tool-call', id, name, input, custom }
  return { type: 'tool-call', id, name, input: input.trim() === '' ? '{}' : input }
}

function reasoningOf(item: Members): Part {
  const summary = item.each('summary').map((part) => part.string('text') ?? '')
  const text = item
    .each('content')
    .map((part) => part.string('text') ?? '')
    .join('')
  const token = item.string('encrypted_content')
  const signature = token === undefined ? undefined : readSignature(token, 'openai')
  // What another vendor signed was written here by tutti, as a summary: it goes back as the thought that it was.
  const foreign = signature !== undefined && signature.vendor !== 'openai'
  const own = foreign && text === '' ? summary.join('\n\n') : text
  return {
    type: 'reasoning',
    ...(own !== '' && { text: own }),
    ...(summary.length > 0 && !foreign && { summary }),
    ...(signature && { signature }),
  }
}

function readContent(owner: Members, name: string): readonly Part[] {
  const content = owner.any(name)
  if (content === undefined) return []
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return owner.each(name).map((part) => {
    const read = readPart(part)
    part.close()
    return read
  })
}

function readPart(part: Members): Part {
  switch (part.string('type')) {
    case 'input_text':
    case 'text':
      return { type: 'text', text: part.string('text') ?? '' }
    case 'output_text': {
      const citations = (part.array('annotations') ?? []).flatMap(citationOf)
      part.ignore('logprobs')
      return { type: 'text', text: part.string('text') ?? '', ...(citations.length > 0 && { citations }) }
    }
    case 'refusal':
      return { type: 'refusal', text: part.string('refusal') ?? '' }
    case 'input_image': {
      const detail = part.string('detail')
      return {
        type: 'image',
        source: sourceOf(part, 'image_url'),
        ...(detail !== undefined && detail !== 'auto' && { detail }),
      }
    }
    case 'input_file': {
      const name = part.string('filename')
      return { type: 'document', source: sourceOf(part, 'file_data'), ...(name !== undefined && { name }) }
    }
    case 'input_audio': {
      const audio = part.inner('input_audio')
      const [data, format] = [audio?.string('data') ?? '', audio?.string('format')]
      audio?.close()
      return { type: 'audio', source: { kind: 'data', mediaType: format === undefined ? '' : `audio/${format}`, data } }
    }
    default:
      throw invalid(
        `invalid value for \`${part.at('type')}\`: this kind of part has no counterpart elsewhere`,
        part.at('type'),
      )
  }
}

function sourceOf(part: Members, name: string): Source {
  const value = part.string(name)
  if (value !== undefined) {
    const source = sourceOfUrl(value)
    return name === 'file_data' && source.kind === 'url'
      ? { kind: 'data', mediaType: 'application/pdf', data: value }
      : source
  }
  const url = part.string('file_url')
  if (url !== undefined) return { kind: 'url', url }
  const id = part.string('file_id')
  if (id !== undefined) return { kind: 'id', id }
  throw invalid(`missing required parameter: \`${part.at(name)}\``, part.at(name))
}

function citationOf(raw: Json): readonly Citation[] {
  const url = stringAt(raw, 'url')
  if (!isObject(raw)) return []
  const [title, start, end] = [stringAt(raw, 'title'), numberAt(raw, 'start_index'), numberAt(raw, 'end_index')]
  return [
    {
      vendor: 'openai',
      raw,
      ...(url !== undefined && { url }),
      ...(title !== undefined && { title }),
      ...(start !== undefined && { start }),
      ...(end !== undefined && { end }),
    },
  ]
}
