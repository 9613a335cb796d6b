import type { CacheMark, Citation, Part, ReasoningPart, Source } from '#src/core/conversation.ts'
import { stringAt } from '#src/core/json.ts'
import { readSignature } from '#src/core/signature.ts'
import type { Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'

const VENDOR = 'anthropic'

/** A `content` or `system`: a text, or a list of blocks. */
export function readBlocks(owner: Members, name: string): readonly Part[] {
  const content = owner.any(name)
  if (content === undefined) return []
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return owner.each(name).map(readBlock)
}

/** What is worth caching up to here. */
export function cacheOf(owner: Members): { readonly cache?: CacheMark } {
  const mark = owner.inner('cache_control')
  if (!mark) return {}
  mark.ignore('type')
  const ttl = mark.string('ttl')
  mark.close()
  return { cache: ttl === undefined ? {} : { ttl } }
}

/** A member without which the block says nothing. */
export function needed(owner: Members, name: string): string {
  const value = owner.string(name)
  if (value === undefined) throw invalid(`missing required parameter: \`${owner.at(name)}\``, owner.at(name))
  return value
}

function readBlock(block: Members): Part {
  const part = partOf(block)
  block.close()
  return part
}

function partOf(block: Members): Part {
  const type = needed(block, 'type')
  switch (type) {
    case 'text': {
      const citations = block.each('citations').map(citationOf)
      return { type, text: needed(block, 'text'), ...(citations.length > 0 && { citations }), ...cacheOf(block) }
    }
    case 'image':
      return { type, source: sourceOf(block), ...cacheOf(block) }
    case 'document':
      return documentOf(block)
    case 'search_result':
      return searchResult(block)
    case 'thinking':
    case 'redacted_thinking':
      return thoughtOf(type, block)
    case 'tool_use':
      ignoreCaller(block)
      return {
        type: 'tool-call',
        id: needed(block, 'id'),
        name: needed(block, 'name'),
        input: JSON.stringify(block.object('input') ?? {}),
        ...cacheOf(block),
      }
    case 'tool_result':
      return {
        type: 'tool-result',
        id: needed(block, 'tool_use_id'),
        parts: readBlocks(block, 'content'),
        ...(block.boolean('is_error') === true && { failed: true }),
        ...cacheOf(block),
      }
    default:
      return { type: 'opaque', vendor: VENDOR, kind: type, value: block.whole() }
  }
}

/** The model itself is who calls everywhere else; a program that it wrote is something that others do not have. */
function ignoreCaller(block: Members): void {
  const caller = block.object('caller')
  if (caller && caller['type'] !== 'direct') block.rest.push({ param: block.at('caller'), value: caller })
}

function thoughtOf(type: 'thinking' | 'redacted_thinking', block: Members): ReasoningPart {
  const value = block.string(type === 'thinking' ? 'signature' : 'data')
  const signature = value === undefined || value === '' ? {} : { signature: readSignature(value, VENDOR) }
  if (type === 'redacted_thinking') return { type: 'reasoning', redacted: true, ...signature }
  return { type: 'reasoning', text: block.string('thinking') ?? '', ...signature }
}

function sourceOf(block: Members): Source {
  const source = block.inner('source')
  if (!source) throw invalid(`missing required parameter: \`${block.at('source')}\``, block.at('source'))
  const read = readSource(source)
  source.close()
  return read
}

function readSource(source: Members): Source {
  const type = needed(source, 'type')
  const mediaType = source.string('media_type') ?? ''
  switch (type) {
    case 'base64':
      return { kind: 'data', mediaType, data: needed(source, 'data') }
    case 'url':
      return { kind: 'url', url: needed(source, 'url') }
    case 'file':
      return { kind: 'id', id: needed(source, 'file_id') }
    case 'text':
      return { kind: 'text', text: needed(source, 'data') }
    case 'content':
      return { kind: 'text', text: textsOf(source) }
    default:
      throw invalid(`invalid value for \`${source.at('type')}\`: there is no source \`${type}\``, source.at('type'))
  }
}

/** The text of blocks that are to be read as one; what is no text has no place in it. */
function textsOf(owner: Members): string {
  return readBlocks(owner, 'content')
    .flatMap((part) => {
      if (part.type === 'text') return [part.text]
      owner.rest.push({ param: owner.at('content'), value: part.type })
      return []
    })
    .join('\n')
}

/** Not asked for is what everybody else does too. */
function ignoreCitations(block: Members): void {
  const citations = block.object('citations')
  if (citations?.['enabled'] === true) block.rest.push({ param: block.at('citations'), value: citations })
}

function documentOf(block: Members): Part {
  const name = block.string('title')
  ignoreCitations(block)
  return { type: 'document', source: sourceOf(block), ...(name !== undefined && { name }), ...cacheOf(block) }
}

/** Others have no such block: what was found is text, with where it is from in front. */
function searchResult(block: Members): Part {
  ignoreCitations(block)
  const head = [block.string('title'), block.string('source')].filter((line) => line !== undefined)
  return { type: 'text', text: [...head, '', textsOf(block)].join('\n'), ...cacheOf(block) }
}

/** Its offsets are those of the document that is cited, so they say nothing of the text here. */
function citationOf(citation: Members): Citation {
  const raw = citation.whole()
  const [url, quote] = [stringAt(raw, 'url'), stringAt(raw, 'cited_text')]
  const title = stringAt(raw, 'title') ?? stringAt(raw, 'document_title')
  return {
    vendor: VENDOR,
    raw,
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(quote !== undefined && { quote }),
  }
}
