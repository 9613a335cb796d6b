import type { MediaPart, Source } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { FORMATS } from './wire.ts'

/** The first letters in base64 of what says by itself what it is. */
const MAGIC: readonly (readonly [start: string, format: string])[] = [
  ['/9j/', 'jpeg'],
  ['iVBORw0KGgo', 'png'],
  ['R0lGOD', 'gif'],
  ['UklGR', 'webp'],
  ['JVBERi', 'pdf'],
]

const NAME_LENGTH = 200

/** A picture, sound, film or file as a block; undefined: only its bytes can be sent, and they are not here. */
export function mediaBlock(part: MediaPart, documentName: (wanted: string) => string): JsonObject | undefined {
  const bytes = bytesOf(part.source)
  if (bytes === undefined) return undefined
  const block = { format: formatOf(part), source: { bytes } }
  return part.type === 'document'
    ? { document: { ...block, name: documentName(part.name ?? '') } }
    : { [part.type]: block }
}

function bytesOf(source: Source): string | undefined {
  if (source.kind === 'data') return source.data
  return source.kind === 'text' ? base64(source.text) : undefined
}

const encoder = new TextEncoder()

function base64(text: string): string {
  return btoa(Array.from(encoder.encode(text), (byte) => String.fromCharCode(byte)).join(''))
}

/** A format that the API does not have goes as it is: the refusal then names it. */
function formatOf({ type, source }: MediaPart): string {
  if (source.kind === 'text') return 'txt'
  const [mediaType = ''] = (source.kind === 'data' ? source.mediaType : '').toLowerCase().split(';')
  const known: Readonly<Record<string, string>> = FORMATS[type]
  if (Object.hasOwn(known, mediaType)) return known[mediaType] ?? ''
  const data = source.kind === 'data' ? source.data : ''
  const magic = MAGIC.find(([start]) => data.startsWith(start))
  return magic?.[1] ?? mediaType.slice(mediaType.indexOf('/') + 1)
}

/**
 * Gives each document of a request a name of its own that the API takes: letters and digits of ASCII, single spaces, `-`, `(`, `)`, `[`, `]`.
 */
export function createDocumentNames(warnings: Set<string>): (wanted: string) => string {
  const given = new Set<string>()
  return (wanted) => {
    const base = cleanName(wanted)
    let name = base
    for (let count = 2; given.has(name); count++) name = `${base}-${count}`
    given.add(name)
    if (wanted !== '' && name !== wanted)
      warnings.add(`the name of a file was sent as \`${name}\`: the provider takes no other`)
    return name
  }
}

function cleanName(wanted: string): string {
  const letters = Array.from(wanted, (char) => (isNameChar(char) ? char : ' ')).join('')
  const words = letters.split(' ').filter((word) => word !== '')
  return (
    words
      .join(' ')
      .slice(0, NAME_LENGTH - 8)
      .trim() || 'document'
  )
}

function isNameChar(char: string): boolean {
  return (
    (char >= 'a' && char <= 'z') ||
    (char >= 'A' && char <= 'Z') ||
    (char >= '0' && char <= '9') ||
    '-()[]'.includes(char)
  )
}
