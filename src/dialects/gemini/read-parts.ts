import type { MediaPart, OpaquePart, Part, Signature, Source, ToolResultPart } from '#src/core/conversation.ts'
import { isObject, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import type { Members } from '../shared/members.ts'
import { invalid } from '../shared/read-request.ts'
import type { Calls } from './calls.ts'
import { signatureOf } from './signatures.ts'

/** Members of a part that only Google understands: they go back to it as they are, and to nobody else. */
const OPAQUE = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse', 'audioTranscription'] as const

/** A part of a content. One that holds nothing is none. */
export function readPart(part: Members, calls: Calls): readonly Part[] {
  const read = readKind(part, calls)
  part.close()
  return read
}

function readKind(part: Members, calls: Calls): readonly Part[] {
  const token = part.string('thoughtSignature')
  const signature = token === undefined || token === '' ? {} : { signature: signatureOf(token) }
  const thought = part.boolean('thought') === true
  if (part.has('functionCall')) return [callOf(part, calls, signature)]
  if (part.has('functionResponse')) return [resultOf(part, calls)]
  if (part.has('inlineData') || part.has('fileData')) return [{ ...mediaOf(part), ...signature }]
  const kind = OPAQUE.find((name) => part.has(name))
  if (kind !== undefined) return [opaqueOf(part, kind, token)]
  const text = part.string('text')
  if (text === undefined && token === undefined) return []
  if (thought) return [{ type: 'reasoning', ...(text !== undefined && text !== '' && { text }), ...signature }]
  return text === '' && token === undefined ? [] : [{ type: 'text', text: text ?? '', ...signature }]
}

function opaqueOf(part: Members, kind: string, token: string | undefined): OpaquePart {
  const value = { [kind]: part.any(kind) ?? null, ...(token !== undefined && { thoughtSignature: token }) }
  return { type: 'opaque', vendor: 'google', kind, value }
}

function callOf(part: Members, calls: Calls, signature: { readonly signature?: Signature }): Part {
  const call = part.inner('functionCall')
  const name = call?.string('name')
  if (!call || name === undefined || name === '')
    throw invalid(`missing required parameter: \`${part.at('functionCall')}.name\``, `${part.at('functionCall')}.name`)
  const input = JSON.stringify(call.object('args') ?? {})
  const id = calls.called(call.string('id'), name)
  call.close()
  return { type: 'tool-call', id, name, input, ...signature }
}

/** Of a result that says `output` or `error`, as Google advises, that is the text; any other is its own JSON. */
function resultOf(part: Members, calls: Calls): ToolResultPart {
  const result = part.inner('functionResponse')
  const name = result?.string('name')
  if (!result || name === undefined || name === '')
    throw invalid(
      `missing required parameter: \`${part.at('functionResponse')}.name\``,
      `${part.at('functionResponse')}.name`,
    )
  const response = result.object('response') ?? {}
  const id = calls.answered(result.string('id'), name)
  const media = result.each('parts').map((inner) => {
    const own = mediaOf(inner)
    inner.close()
    return own
  })
  result.close()
  const failed = 'error' in response && Object.keys(response).length === 1
  return {
    type: 'tool-result',
    id,
    name,
    parts: [{ type: 'text', text: resultText(response) }, ...media],
    ...(failed && { failed }),
  }
}

const SAYS = ['output', 'result', 'content', 'error']

function resultText(response: JsonObject): string {
  const [key, ...others] = Object.keys(response)
  if (key === undefined || others.length > 0 || !SAYS.includes(key)) return JSON.stringify(response)
  const value: Json = response[key] ?? null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function mediaOf(part: Members): MediaPart {
  const [data, file] = [part.inner('inlineData'), part.inner('fileData')]
  const detail = detailOf(part)
  const blob = data ?? file
  if (!blob) throw invalid(`missing required parameter: \`${part.at('inlineData')}\``, part.at('inlineData'))
  const mediaType = blob.string('mimeType') ?? ''
  const name = blob.string('displayName')
  const source = data ? dataOf(data, mediaType) : fileOf(blob, mediaType)
  blob.close()
  const transcript = stringAt(part.any('audioTranscription'), 'text')
  return {
    type: kindOf(mediaType, source),
    source,
    ...(detail !== undefined && { detail }),
    ...(name !== undefined && { name }),
    ...(transcript !== undefined && { transcript }),
  }
}

function dataOf(blob: Members, mediaType: string): Source {
  const data = blob.string('data')
  if (data === undefined) throw invalid(`missing required parameter: \`${blob.at('data')}\``, blob.at('data'))
  return { kind: 'data', mediaType, data }
}

/** Files that were uploaded to Google are known there only. */
const UPLOADED = ['gs://', 'https://generativelanguage.googleapis.com/', 'files/']

function fileOf(file: Members, mediaType: string): Source {
  const url = file.string('fileUri')
  if (url === undefined) throw invalid(`missing required parameter: \`${file.at('fileUri')}\``, file.at('fileUri'))
  if (UPLOADED.some((prefix) => url.startsWith(prefix))) return { kind: 'id', id: url }
  return { kind: 'url', url, ...(mediaType !== '' && { mediaType }) }
}

const FILMS = ['https://www.youtube.com/', 'https://youtube.com/', 'https://youtu.be/']

function kindOf(mediaType: string, source: Source): MediaPart['type'] {
  const [kind] = mediaType.split('/', 1)
  if (kind === 'image' || kind === 'audio' || kind === 'video') return kind
  return source.kind === 'url' && FILMS.some((host) => source.url.startsWith(host)) ? 'video' : 'document'
}

const DETAILS: Readonly<Record<string, string>> = { MEDIA_RESOLUTION_LOW: 'low', MEDIA_RESOLUTION_HIGH: 'high' }

/** A resolution for which others have no word is told of as what it is. */
function detailOf(part: Members): string | undefined {
  const value = part.any('mediaResolution')
  if (value === undefined) return undefined
  const level = isObject(value) ? stringAt(value, 'level') : value
  const detail = typeof level === 'string' ? DETAILS[level] : undefined
  if (detail === undefined) part.rest.push({ param: part.at('mediaResolution'), value })
  return detail
}
