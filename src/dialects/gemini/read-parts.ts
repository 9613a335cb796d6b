import type { Part, Signature, Source } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { readSignature } from '#src/core/signature.ts'
import { sourceOfUrl } from '../shared/media.ts'
import type { Members } from '../shared/members.ts'

/** Finds ids for calls that have none: a result belongs to the first call of its name that has no result yet. */
export interface CallNames {
  called(name: string): string
  answered(name: string): string
}

export function createCallNames(): CallNames {
  const waiting: { readonly id: string; readonly name: string }[] = []
  let count = 0
  return {
    called(name) {
      const id = `call_${count++}`
      waiting.push({ id, name })
      return id
    },
    answered(name) {
      const at = waiting.findIndex((call) => call.name === name)
      const [found] = at < 0 ? [] : waiting.splice(at, 1)
      return found?.id ?? `call_${count++}`
    },
  }
}

/** The `parts` of a content. */
export function readParts(content: Members, names: CallNames): readonly Part[] {
  return content.each('parts').map((part) => {
    const read = readPart(part, names)
    part.close()
    return read
  })
}

function readPart(part: Members, names: CallNames): Part {
  const signature = signatureOf(part)
  const signed = signature ? { signature } : {}
  part.ignore('videoMetadata')
  const text = part.string('text')
  const thought = part.boolean('thought') === true
  if (text !== undefined) return thought ? { type: 'reasoning', text, ...signed } : { type: 'text', text, ...signed }
  const call = part.inner('functionCall')
  if (call) {
    const name = call.string('name') ?? ''
    const id = call.string('id') ?? names.called(name)
    const input = JSON.stringify(call.object('args') ?? {})
    call.close()
    return { type: 'tool-call', id, name, input, ...signed }
  }
  const result = part.inner('functionResponse')
  if (result) return resultOf(result, names)
  const blob = part.inner('inlineData') ?? part.inner('fileData')
  if (blob) return mediaOf(blob, signed)
  const [kind = 'part'] = Object.keys(part.whole())
  return { type: 'opaque', vendor: 'google', kind, value: part.whole() }
}

function signatureOf(part: Members): Signature | undefined {
  const value = part.string('thoughtSignature')
  return value === undefined || value === '' ? undefined : readSignature(value, 'google')
}

/** A result that only says `output` or `result` is that text; any other object is JSON. */
function resultOf(result: Members, names: CallNames): Part {
  const name = result.string('name') ?? ''
  const id = result.string('id') ?? names.answered(name)
  const response = result.object('response') ?? {}
  const error = response['error']
  const parts: Part[] = [{ type: 'text', text: resultText(response) }]
  for (const inner of result.each('parts')) parts.push(readPart(inner, names))
  result.ignore('willContinue', 'scheduling')
  result.close()
  return { type: 'tool-result', id, name, parts, ...(error !== undefined && { failed: true }) }
}

function resultText(response: JsonObject): string {
  const [first, ...more] = Object.entries(response)
  const alone = more.length === 0 && first && ['output', 'result', 'error'].includes(first[0]) ? first[1] : undefined
  return typeof alone === 'string' ? alone : JSON.stringify(response)
}

function mediaOf(blob: Members, signed: { signature?: Signature }): Part {
  const mediaType = blob.string('mimeType') ?? ''
  const data = blob.string('data')
  const url = blob.string('fileUri') ?? ''
  const name = blob.string('displayName')
  blob.close()
  const source: Source =
    data === undefined
      ? { ...sourceOfUrl(url), ...(mediaType !== '' && { mediaType }) }
      : { kind: 'data', mediaType, data }
  return { type: mediaKind(mediaType), source, ...(name !== undefined && { name }), ...signed }
}

function mediaKind(mediaType: string): 'image' | 'audio' | 'video' | 'document' {
  const kind = mediaType.slice(0, mediaType.indexOf('/'))
  return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'document'
}
