import { isObject, type Json, type JsonObject } from '../json.ts'
import { mediaOf } from '../media-part.ts'
import type { ApiRequest } from '../request.ts'
import { findPii } from './find.ts'
import { rewriteRequest } from './json-texts.ts'
import type { Finder, Findings, PiiType } from './types.ts'

/** Looks through all texts of a request. Linear in it. Throws what the finder throws. */
export function findingsOf(request: Pick<ApiRequest, 'text' | 'body' | 'form'>, find: Finder = findPii): Findings {
  const counts: Partial<Record<PiiType, number>> = {}
  let opaque = request.form !== undefined
  const seen = (): void => {
    opaque = true
  }
  rewriteRequest(request.form ? JSON.stringify(request.body) : request.text, {
    text(text) {
      for (const { type } of find(text)) counts[type] = (counts[type] ?? 0) + 1
      return text
    },
    opaque: seen,
    mixed: seen,
  })
  return { counts, unscannable: opaque || holdsMedia(request.body) }
}

/** Types of parts that are no text, in any dialect. */
const MEDIA: ReadonlySet<string> = new Set([
  'image',
  'image_url',
  'image_file',
  'input_image',
  'audio',
  'input_audio',
  'audio_url',
  'video_url',
  'file',
  'input_file',
  'document',
  'container_upload',
  'computer_screenshot',
])
/** Members that say where such a thing is, and those that hold one. */
const NAMERS: ReadonlySet<string> = new Set(['file_id', 'file_url', 'file_data', 'cachedContent', 'cached_content'])
const HOLDERS: ReadonlySet<string> = new Set(['inlineData', 'inline_data', 'fileData', 'file_data'])

/** Members that hold a prompt, or take its place. */
const TOKENS = ['input', 'prompt', 'prompt_token_ids', 'input_ids'] as const

/** A part that is a picture, a sound or a file, at any depth; tokens in the place of text are no text either. */
function holdsMedia(body: JsonObject): boolean {
  if (TOKENS.some((name) => isTokens(body[name])) || (body['prompt_embeds'] ?? null) !== null) return true
  const open: Json[] = [body]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    // Not spread: an engine takes only so many arguments.
    if (Array.isArray(value)) for (const item of value) open.push(item)
    if (!isObject(value)) continue
    const { type } = value
    if (typeof type === 'string' && MEDIA.has(type) && !isPlain(value)) return true
    for (const [name, member] of Object.entries(value)) {
      if (name === 'content' && isPictured(member)) return true
      if ((NAMERS.has(name) && typeof member === 'string') || (HOLDERS.has(name) && isBlob(member))) return true
      if (member !== undefined) open.push(member)
    }
  }
  return false
}

function isTokens(value: Json | undefined): boolean {
  return Array.isArray(value) && value.some((item) => typeof item === 'number' || isTokens(item))
}

/** Parts of a message, some of which need no type to say what they are. */
function isPictured(content: Json | undefined): boolean {
  return (
    Array.isArray(content) && content.some((part) => isObject(part) && mediaOf(part) !== undefined && !isPlain(part))
  )
}

/** Google's; a schema may have a property of that name. */
function isBlob(value: Json | undefined): boolean {
  return isObject(value) && ['data', 'fileUri', 'file_uri'].some((name) => typeof value[name] === 'string')
}

/** A document of Anthropic's that is text. */
function isPlain({ source }: JsonObject): boolean {
  return isObject(source) && (source['type'] === 'text' || source['type'] === 'content')
}
