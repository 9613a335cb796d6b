import type { JsonObject } from '#src/core/json.ts'

/** Whose signatures, citations and blocks these are (`Signature`). */
export const VENDOR = 'aws-bedrock'

/** Names of SigV4's scope. */
export const SERVICE = 'bedrock'

/** A message of Converse's: the two sides alternate, and each block of content has one member, which names its kind. */
export type WireMessage = {
  readonly role: 'user' | 'assistant'
  readonly content: readonly JsonObject[]
}

/** The words of an API in which each kind of medium has a list of its own formats, by media types. */
export const FORMATS = {
  image: { 'image/jpeg': 'jpeg', 'image/jpg': 'jpeg', 'image/png': 'png', 'image/gif': 'gif', 'image/webp': 'webp' },
  audio: {
    'audio/mpeg': 'mp3',
    'audio/mp3': 'mp3',
    'audio/wav': 'wav',
    'audio/x-wav': 'wav',
    'audio/wave': 'wav',
    'audio/flac': 'flac',
    'audio/ogg': 'ogg',
    'audio/opus': 'opus',
    'audio/aac': 'aac',
    'audio/mp4': 'm4a',
    'audio/webm': 'webm',
    'audio/l16': 'pcm',
  },
  video: {
    'video/mp4': 'mp4',
    'video/quicktime': 'mov',
    'video/x-matroska': 'mkv',
    'video/webm': 'webm',
    'video/x-flv': 'flv',
    'video/mpeg': 'mpeg',
    'video/x-ms-wmv': 'wmv',
    'video/3gpp': 'three_gp',
  },
  document: {
    'application/pdf': 'pdf',
    'text/csv': 'csv',
    'application/msword': 'doc',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
    'application/vnd.ms-excel': 'xls',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
    'text/html': 'html',
    'text/plain': 'txt',
    'text/markdown': 'md',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>
