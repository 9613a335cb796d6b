import type { MediaPart } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import type { Quirks } from './definition.ts'

/** An image, a sound, a video or a file as parts of a message. */
export function mediaOf(part: MediaPart, { media }: Pick<Quirks, 'media'>): readonly JsonObject[] {
  const text = writtenIn(part)
  if (text !== undefined) return [{ type: 'text', text: part.name === undefined ? text : `${part.name}:\n${text}` }]
  const { detail } = part
  switch (part.type) {
    case 'image':
      return [{ type: 'image_url', image_url: { url: urlOf(part), ...(detail !== undefined && { detail }) } }]
    case 'audio':
      return [{ type: 'input_audio', input_audio: media === 'openai' ? soundOf(part) : bytesOf(part) }]
    case 'video':
      return [{ type: 'video_url', video_url: { url: urlOf(part) } }]
    case 'document':
      return [media === 'openai' ? { type: 'file', file: fileOf(part) } : documentOf(part)]
  }
}

/** Mistral's form: base64 alone. */
function bytesOf({ source }: MediaPart): string {
  return source.kind === 'data' ? source.data : ''
}

/** Mistral's form. */
function documentOf(part: MediaPart): JsonObject {
  const { name } = part
  return { type: 'document_url', document_url: urlOf(part), ...(name !== undefined && { document_name: name }) }
}

/** A file that is text is said as text: as a file only a PDF is taken. */
function writtenIn({ type, source }: MediaPart): string | undefined {
  if (source.kind === 'text') return source.text
  if (type !== 'document' || source.kind !== 'data' || !source.mediaType.startsWith('text/')) return undefined
  try {
    const bytes = Uint8Array.from(atob(source.data), (char) => char.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // No base64 or no UTF-8: the provider may say so.
    return undefined
  }
}

function urlOf({ source }: MediaPart): string {
  if (source.kind === 'url') return source.url
  return source.kind === 'data' ? `data:${source.mediaType};base64,${source.data}` : ''
}

/** `audio/mpeg` is written `mp3`. */
const FORMATS: Readonly<Record<string, string>> = { mpeg: 'mp3', 'x-wav': 'wav', wave: 'wav', '': 'wav' }

function soundOf({ source }: MediaPart): JsonObject {
  if (source.kind !== 'data') return { data: '', format: 'wav' }
  const format = source.mediaType.slice(source.mediaType.indexOf('/') + 1)
  return { data: source.data, format: FORMATS[format] ?? format }
}

/** Bytes want a name: its ending tells some what they are. */
function fileOf(part: MediaPart): JsonObject {
  const { source, name } = part
  const named = name === undefined ? {} : { filename: name }
  if (source.kind === 'id') return { file_id: source.id, ...named }
  const type = source.kind === 'data' ? source.mediaType : ''
  return { file_data: urlOf(part), filename: name ?? `document.${type.slice(type.indexOf('/') + 1) || 'pdf'}` }
}
