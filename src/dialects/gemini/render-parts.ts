import type { Finish, TokenLogprob } from '#src/core/answer.ts'
import type { Citation, MediaPart, Part, Signature, ToolCallPart } from '#src/core/conversation.ts'
import { isObject, parseJson, type Json, type JsonObject } from '#src/core/json.ts'
import { utf8Length } from '#src/core/measure.ts'
import { signatureText } from './signatures.ts'

/** A part of an answer; undefined: it has no place here. */
export function partObject(part: Part): JsonObject | undefined {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return textObject(part.text, false, 'signature' in part ? part.signature : undefined)
    case 'reasoning': {
      const text = part.text ?? part.summary?.join('\n\n') ?? ''
      return text === '' && !part.signature ? undefined : textObject(text, true, part.signature)
    }
    case 'tool-call':
      return callObject(part)
    case 'tool-result':
      return undefined
    case 'opaque':
      return part.vendor === 'google' ? part.value : undefined
    default:
      return mediaObject(part)
  }
}

/** A piece of what was said or thought. */
export function textObject(text: string, thought: boolean, signature?: Signature): JsonObject {
  return { text, ...(thought && { thought }), ...signed(signature) }
}

function signed(signature: Signature | undefined): JsonObject {
  return signature ? { thoughtSignature: signatureText(signature) } : {}
}

function callObject({ id, name, input, custom, signature }: ToolCallPart): JsonObject {
  const args = custom ? { input } : parseJson(input)
  return { functionCall: { id, name, args: isObject(args) ? args : {} }, ...signed(signature) }
}

function mediaObject({ source, signature, transcript }: MediaPart): JsonObject | undefined {
  switch (source.kind) {
    case 'data': {
      const mimeType = source.mediaType === '' ? 'application/octet-stream' : source.mediaType
      const said = transcript === undefined ? {} : { audioTranscription: { text: transcript } }
      return { inlineData: { mimeType, data: source.data }, ...said, ...signed(signature) }
    }
    case 'url':
      return {
        fileData: { ...(source.mediaType !== undefined && { mimeType: source.mediaType }), fileUri: source.url },
        ...signed(signature),
      }
    case 'id':
      return { fileData: { fileUri: source.id }, ...signed(signature) }
    case 'text':
      return { text: source.text }
  }
}

/** Google's own words for an answer that its filters ended. */
const FILTERED: ReadonlySet<string> = new Set([
  'SAFETY',
  'RECITATION',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
  'MODEL_ARMOR',
])

/** Why a candidate ended: calls of tools are STOP here. */
export function finishReason({ unified, raw }: Finish): string {
  if (unified === 'length') return 'MAX_TOKENS'
  if (unified !== 'content_filter') return 'STOP'
  return raw !== undefined && FILTERED.has(raw) ? raw : 'SAFETY'
}

export function logprobsResult(logprobs: readonly TokenLogprob[]): JsonObject {
  return {
    chosenCandidates: logprobs.map(tokenObject),
    ...(logprobs.some(({ top }) => top) && {
      topCandidates: logprobs.map(({ top = [] }) => ({ candidates: top.map(tokenObject) })),
    }),
  }
}

function tokenObject({ token, logprob }: Pick<TokenLogprob, 'token' | 'logprob'>): JsonObject {
  return { token, logProbability: logprob }
}

/** A part's sources, and the text in which they have their places. */
export interface Cited {
  readonly index: number
  readonly text: string
  readonly citations: readonly Citation[]
}

/** Sources as Google's grounding has them; undefined: there are none. Places are bytes of UTF-8 there. */
export function groundingMetadata(cited: readonly Cited[]): JsonObject | undefined {
  const all = cited.flatMap((one) => one.citations.map((citation) => ({ ...one, citation })))
  if (all.length === 0) return undefined
  const pages = [...new Map(all.map(({ citation }) => [pageOf(citation), citation])).entries()]
  const supports = all.flatMap(({ index, text, citation }) => {
    const segment = segmentOf(citation, text, index)
    const page = pages.findIndex(([name]) => name === pageOf(citation))
    return segment ? [{ segment, groundingChunkIndices: [page] }] : []
  })
  return {
    groundingChunks: pages.map(([, { url, title }]) => ({
      web: { ...(url !== undefined && { uri: url }), ...(title !== undefined && { title }) },
    })),
    ...(supports.length > 0 && { groundingSupports: supports }),
  }
}

function pageOf({ url, title }: Citation): string {
  return url ?? title ?? ''
}

function segmentOf({ start, end, quote }: Citation, text: string, index: number): JsonObject | undefined {
  if (start === undefined && end === undefined && quote === undefined) return undefined
  const first: Json | undefined = start === undefined ? undefined : utf8Length(text.slice(0, start))
  const last: Json | undefined = end === undefined ? undefined : utf8Length(text.slice(0, end))
  return {
    ...(index > 0 && { partIndex: index }),
    ...(first !== undefined && { startIndex: first }),
    ...(last !== undefined && { endIndex: last }),
    ...(quote !== undefined && { text: quote }),
  }
}
