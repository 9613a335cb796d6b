import type { Finish, TokenLogprob } from '#src/core/answer.ts'
import type { Citation, Part } from '#src/core/conversation.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import { writeSignature } from '#src/core/signature.ts'

const REASONS: Readonly<Record<Finish['unified'], string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  tool_calls: 'STOP',
  content_filter: 'SAFETY',
  pause: 'OTHER',
}

/** Words of Google's own that are finer than ours. */
const OWN: ReadonlySet<string> = new Set([
  'RECITATION',
  'LANGUAGE',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'IMAGE_SAFETY',
])

/** Why a candidate ended, in Google's words: calls of functions end it with STOP too. */
export function finishReason({ unified, raw }: Finish): string {
  return raw !== undefined && OWN.has(raw) ? raw : REASONS[unified]
}

/** A part of an answer; undefined: the dialect has no place for it. */
export function partObject(part: Part): JsonObject | undefined {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return { text: part.text, ...signed(part) }
    case 'reasoning': {
      const text = part.text ?? part.summary?.join('\n\n')
      if (text === undefined && !part.signature) return undefined
      return { text: text ?? '', thought: true, ...signed(part) }
    }
    case 'tool-call': {
      const args = part.custom ? { input: part.input } : parseJson(part.input)
      return { functionCall: { id: part.id, name: part.name, args: isObject(args) ? args : {} }, ...signed(part) }
    }
    case 'opaque':
      return part.vendor === 'google' ? part.value : undefined
    case 'tool-result':
      return undefined
    default:
      return part.source.kind === 'data'
        ? { inlineData: { mimeType: part.source.mediaType, data: part.source.data }, ...signed(part) }
        : undefined
  }
}

function signed(part: Part): JsonObject {
  return 'signature' in part && part.signature ? { thoughtSignature: writeSignature(part.signature, 'google') } : {}
}

/** Sources of a candidate: those with an address. */
export function citationMetadata(citations: readonly Citation[]): JsonObject {
  const sources = citations.flatMap(({ url, title, start, end }) =>
    url === undefined
      ? []
      : [
          {
            uri: url,
            ...(title !== undefined && { title }),
            ...(start !== undefined && { startIndex: start }),
            ...(end !== undefined && { endIndex: end }),
          },
        ],
  )
  return sources.length === 0 ? {} : { citationMetadata: { citationSources: sources } }
}

export function logprobsResult(logprobs: readonly TokenLogprob[]): JsonObject {
  const candidate = ({ token, logprob }: Omit<TokenLogprob, 'top'>): JsonObject => ({ token, logProbability: logprob })
  return {
    logprobsResult: {
      chosenCandidates: logprobs.map(candidate),
      topCandidates: logprobs.map(({ top = [] }) => ({ candidates: top.map(candidate) })),
    },
  }
}
