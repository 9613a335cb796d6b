import type { CacheMark, Citation, Part, ReasoningPart, Source } from '#src/core/conversation.ts'
import { isObject, numberAt, stringAt, type Json } from '#src/core/json.ts'
import { readSignature } from '#src/core/signature.ts'
import type { Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'

/** A `content` or `system`: a text, or a list of blocks. */
export function readBlocks(owner: Members, name: string): readonly Part[] {
  const content = owner.any(name)
  if (content === undefined) return []
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return owner.each(name).map(readBlock)
}

export function cacheOf(members: Members): CacheMark | undefined {
  const mark = members.object('cache_control')
  if (!mark) return undefined
  const ttl = stringAt(mark, 'ttl')
  return ttl === undefined ? {} : { ttl }
}

function readBlock(block: Members): Part {
  const part = partOf(block)
  if (part.type !== 'opaque') block.close()
  return part
}

function partOf(block: Members): Part {
  const type = block.string('type')
  const cache = cacheOf(block)
  const marked = cache ? { cache } : {}
  switch (type) {
    case 'text': {
      const citations = (block.array('citations') ?? []).flatMap(citationOf)
      return { type, text: block.string('text') ?? '', ...(citations.length > 0 && { citations }), ...marked }
    }
    case 'image':
      return { type, source: sourceOf(block), ...marked }
    case 'document':
      return { type, ...documentOf(block), ...marked }
    case 'thinking':
    case 'redacted_thinking':
      return thoughtOf(type, block)
    case 'tool_use': {
      block.ignore('caller')
      const input = block.any('input')
      return {
        type: 'tool-call',
        id: block.string('id') ?? '',
        name: block.string('name') ?? '',
        input: JSON.stringify(input ?? {}),
        ...marked,
      }
    }
    case 'tool_result': {
      const id = block.string('tool_use_id')
      if (id === undefined)
        throw invalid(`missing required parameter: \`${block.at('tool_use_id')}\``, block.at('tool_use_id'))
      const failed = block.boolean('is_error') === true
      return { type: 'tool-result', id, parts: readBlocks(block, 'content'), ...(failed && { failed }), ...marked }
    }
    default:
      return { type: 'opaque', vendor: 'anthropic', kind: type ?? 'block', value: block.whole() }
  }
}

function thoughtOf(type: 'thinking' | 'redacted_thinking', block: Members): ReasoningPart {
  const value = block.string(type === 'thinking' ? 'signature' : 'data')
  const signature = value === undefined || value === '' ? {} : { signature: readSignature(value, 'anthropic') }
  if (type === 'redacted_thinking') return { type: 'reasoning', redacted: true, ...signature }
  return { type: 'reasoning', text: block.string('thinking') ?? '', ...signature }
}

function sourceOf(block: Members): Source {
  const source = block.inner('source')
  const read = source && readSource(source)
  source?.close()
  if (!read) throw invalid(`invalid value for \`${block.at('source')}\``, block.at('source'))
  return read
}

function readSource(source: Members): Source | undefined {
  const mediaType = source.string('media_type') ?? ''
  switch (source.string('type')) {
    case 'base64':
      return { kind: 'data', mediaType, data: source.string('data') ?? '' }
    case 'url':
      return { kind: 'url', url: source.string('url') ?? '' }
    case 'file':
      return { kind: 'id', id: source.string('file_id') ?? '' }
    case 'text':
      return { kind: 'text', text: source.string('data') ?? '' }
    case 'content':
      return { kind: 'text', text: textsOf(source.any('content')) }
    default:
      return undefined
  }
}

function textsOf(content: Json | undefined): string {
  if (typeof content === 'string') return content
  return Array.isArray(content) ? content.map((block: Json) => stringAt(block, 'text') ?? '').join('\n') : ''
}

function documentOf(block: Members): { source: Source; name?: string } {
  const name = block.string('title')
  const citations = block.object('citations')
  // Not asked for is what everybody else does too.
  if (citations?.['enabled'] === true) block.rest.push({ param: block.at('citations'), value: citations })
  return { source: sourceOf(block), ...(name !== undefined && { name }) }
}

function citationOf(raw: Json): readonly Citation[] {
  if (!isObject(raw)) return []
  const [url, title, quote] = [
    stringAt(raw, 'url'),
    stringAt(raw, 'title') ?? stringAt(raw, 'document_title'),
    stringAt(raw, 'cited_text'),
  ]
  const [start, end] = [numberAt(raw, 'start_char_index'), numberAt(raw, 'end_char_index')]
  return [
    {
      vendor: 'anthropic',
      raw,
      ...(url !== undefined && { url }),
      ...(title !== undefined && { title }),
      ...(quote !== undefined && { quote }),
      ...(start !== undefined && { start }),
      ...(end !== undefined && { end }),
    },
  ]
}
