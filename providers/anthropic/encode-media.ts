import type { MediaPart, Source } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'

/** An image or a document as a content block; undefined: the API has none for it. */
export function mediaBlock(part: MediaPart): JsonObject | undefined {
  if (part.type === 'image') return { type: 'image', source: imageSource(part.source) }
  if (part.type !== 'document') return undefined
  return { type: 'document', source: documentSource(part.source), ...(part.name !== undefined && { title: part.name }) }
}

function imageSource(source: Source): JsonObject {
  if (source.kind !== 'data') return sourceOf(source)
  return { type: 'base64', media_type: imageType(source.mediaType, source.data), data: source.data }
}

/** What the first bytes of an image are in base64. */
const IMAGE_STARTS = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
] as const

function imageType(written: string, data: string): string {
  if (written === 'image/jpg') return 'image/jpeg'
  if (written !== '' && written !== 'image/*' && written !== 'application/octet-stream') return written
  return IMAGE_STARTS.find(([start]) => data.startsWith(start))?.[1] ?? 'image/png'
}

/** Base64 is for PDF: a file that is text is sent as text. */
function documentSource(source: Source): JsonObject {
  if (source.kind !== 'data') return sourceOf(source)
  const { mediaType, data } = source
  const text = isText(mediaType) ? decoded(data) : undefined
  if (text !== undefined) return sourceOf({ kind: 'text', text })
  return { type: 'base64', media_type: mediaType === '' ? 'application/pdf' : mediaType, data }
}

function isText(mediaType: string): boolean {
  return (
    mediaType.startsWith('text/') ||
    mediaType.startsWith('application/json') ||
    mediaType.endsWith('+json') ||
    mediaType.endsWith('/xml')
  )
}

function decoded(base64: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function sourceOf(source: Source): JsonObject {
  switch (source.kind) {
    case 'data':
      return { type: 'base64', media_type: source.mediaType, data: source.data }
    case 'url':
      return { type: 'url', url: source.url }
    case 'id':
      return { type: 'file', file_id: source.id }
    case 'text':
      return { type: 'text', media_type: 'text/plain', data: source.text }
  }
}
