import type { MediaPart } from '#src/core/conversation.ts'

/** Where nobody says what it is. */
const USUAL: Readonly<Record<MediaPart['type'], string>> = {
  image: 'image/jpeg',
  audio: 'audio/wav',
  video: 'video/mp4',
  document: 'application/pdf',
}

/** By the first bytes in base64. */
const SIGNS = [
  ['iVBORw0', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['JVBERi', 'application/pdf'],
] as const

/** By the end of a file's name. */
const ENDINGS: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  heic: 'image/heic',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  html: 'text/html',
  csv: 'text/csv',
}

/** The media type, which the API demands: as written, else by what the thing looks like. */
export function mediaTypeOf({ type, source }: MediaPart): string {
  switch (source.kind) {
    case 'data': {
      if (source.mediaType !== '') return source.mediaType
      const sign = type === 'audio' ? undefined : SIGNS.find(([start]) => source.data.startsWith(start))
      return sign?.[1] ?? USUAL[type]
    }
    case 'url':
      return source.mediaType ?? ENDINGS[endingOf(source.url)] ?? USUAL[type]
    case 'id':
    case 'text':
      return USUAL[type]
  }
}

function endingOf(url: string): string {
  const path = url.split('?', 1)[0]?.split('#', 1)[0] ?? ''
  return path.slice(path.lastIndexOf('.') + 1).toLowerCase()
}
