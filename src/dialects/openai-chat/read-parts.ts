import type { CacheMark, Part, Source } from '#src/core/conversation.ts'
import { sourceOfUrl } from '../shared/media.ts'
import type { Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'

/** The `content` of a message: a text, or a list of parts. A mark on the message itself counts for the last of them. */
export function readParts(message: Members): readonly Part[] {
  const mark = readMark(message)
  const content = message.any('content')
  if (content === undefined) return []
  const parts =
    typeof content === 'string'
      ? textParts(content)
      : message.each('content').flatMap((part) => {
          const read = readPart(part)
          part.close()
          return read
        })
  const last = parts.at(-1)
  return mark && last && last.type !== 'refusal' && last.type !== 'reasoning'
    ? [...parts.slice(0, -1), { ...last, cache: mark }]
    : parts
}

/** `cache_control` as Anthropic and those who resell it write it, and OpenAI's `prompt_cache_breakpoint`. */
export function readMark(members: Members): CacheMark | undefined {
  const name = members.has('cache_control') ? 'cache_control' : 'prompt_cache_breakpoint'
  const mark = members.inner(name)
  if (!mark) return undefined
  mark.ignore('type', 'mode')
  const ttl = mark.string('ttl')
  mark.close()
  return ttl === undefined ? {} : { ttl }
}

function textParts(text: string): readonly MarkedPart[] {
  return text === '' ? [] : [{ type: 'text', text }]
}

type MarkedPart = Exclude<Part, { readonly type: 'tool-call' | 'tool-result' | 'opaque' }>

function readPart(part: Members): readonly MarkedPart[] {
  const type = part.string('type')
  switch (type) {
    case 'refusal':
      return [{ type, text: part.string('refusal') ?? '' }]
    case 'thinking':
      return [{ type: 'reasoning', text: thinkingText(part) }]
    case 'text':
    case 'image_url':
    case 'video_url':
    case 'input_audio':
    case 'file': {
      const cache = readMark(part)
      return [{ ...said(type, part), ...(cache && { cache }) }]
    }
    default:
      throw invalid(
        `invalid value for \`${part.at('type')}\`: expected \`text\`, \`image_url\`, \`input_audio\`, \`file\` or \`refusal\``,
        part.at('type'),
      )
  }
}

type Said = 'text' | 'image_url' | 'video_url' | 'input_audio' | 'file'

function said(type: Said, part: Members): Exclude<MarkedPart, { readonly type: 'refusal' | 'reasoning' }> {
  switch (type) {
    case 'text':
      return { type, text: part.string('text') ?? missing(part, 'text') }
    case 'image_url':
      return { type: 'image', ...addressed(part, type) }
    case 'video_url':
      return { type: 'video', ...addressed(part, type) }
    case 'input_audio':
      return { type: 'audio', source: soundOf(part) }
    case 'file':
      return { type: 'document', ...fileOf(part) }
  }
}

function missing(members: Members, name: string): never {
  throw invalid(`missing required parameter: \`${members.at(name)}\``, members.at(name))
}

/** Mistral's thoughts are a part that holds parts. */
function thinkingText(part: Members): string {
  part.ignore('closed')
  const thinking = part.any('thinking')
  if (typeof thinking === 'string') return thinking
  const inner = part.each('thinking')
  return inner.map((own) => own.string('text') ?? '').join('')
}

/** Some write the address alone where an object should hold it. */
function addressed(part: Members, name: string): { readonly source: Source; readonly detail?: string } {
  const value = part.any(name)
  if (typeof value === 'string') return { source: sourceOfUrl(value) }
  const own = part.inner(name) ?? missing(part, name)
  const url = own.string('url') ?? missing(own, 'url')
  const detail = own.string('detail')
  own.close()
  return { source: sourceOfUrl(url), ...(detail !== undefined && detail !== 'auto' && { detail }) }
}

function soundOf(part: Members): Source {
  const sound = part.inner('input_audio') ?? missing(part, 'input_audio')
  const data = sound.string('data') ?? missing(sound, 'data')
  const format = sound.string('format')
  sound.close()
  return { kind: 'data', mediaType: format === undefined ? '' : `audio/${format}`, data }
}

function fileOf(part: Members): { readonly source: Source; readonly name?: string } {
  const file = part.inner('file') ?? missing(part, 'file')
  const name = file.string('filename')
  const data = file.string('file_data')
  const source: Source =
    data === undefined ? { kind: 'id', id: file.string('file_id') ?? missing(file, 'file_data') } : fileSource(data)
  file.close()
  return { source, ...(name !== undefined && { name }) }
}

/** Bare base64 is taken for a PDF, the only kind that is sent so. */
function fileSource(data: string): Source {
  return data.includes(':') ? sourceOfUrl(data) : { kind: 'data', mediaType: 'application/pdf', data }
}
