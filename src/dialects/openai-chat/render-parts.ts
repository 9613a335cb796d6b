import type { Answer, Finish, TokenLogprob } from '#src/core/answer.ts'
import type { Citation, Part, Signature, ToolCallPart } from '#src/core/conversation.ts'
import type { RenderContext } from '#src/core/dialect.ts'
import type { JsonObject } from '#src/core/json.ts'
import { thoughtOf } from '#src/core/parts.ts'

/** What every object of one answer begins with. */
export function headOf(
  { id, created, model, serviceTier }: Pick<Answer, 'id' | 'created' | 'model' | 'serviceTier'>,
  { request, created: now }: RenderContext,
  object: 'chat.completion' | 'chat.completion.chunk',
): JsonObject {
  const tier = serviceTier === undefined ? undefined : TIERS[serviceTier]
  return {
    id: id ?? `chatcmpl-${request.id}`,
    object,
    created: created ?? now,
    model: model ?? request.model,
    ...(tier !== undefined && { service_tier: tier }),
  }
}

/** The dialect's own words, and what others call the same. */
const TIERS: Readonly<Record<string, string>> = {
  auto: 'auto',
  default: 'default',
  flex: 'flex',
  scale: 'scale',
  priority: 'priority',
  fast: 'fast',
  standard: 'default',
}

/** Why a choice ended, in OpenAI's words. A vendor that pauses has stopped, as far as this dialect can say. */
export function finishReason({ unified }: Finish): string {
  return unified === 'pause' ? 'stop' : unified
}

export function callObject({ id, name, input, custom, signature }: ToolCallPart): JsonObject {
  const own = custom
    ? { type: 'custom', custom: { name, input } }
    : { type: 'function', function: { name, arguments: input } }
  return { id, ...own, ...extraContent(signature) }
}

/** Gemini's own OpenAI surface puts its thought signatures here, and clients that know it send them back. */
export function extraContent(signature: Signature | undefined): JsonObject {
  return signature?.vendor === 'google' ? { extra_content: { google: { thought_signature: signature.value } } } : {}
}

/** What a text rests on, and where that text stands in the whole `content`. */
export interface Cited {
  readonly citation: Citation
  /** UTF-16 units before it, and of it. */
  readonly before: number
  readonly length: number
}

/** The sources that have an address: others have no place here. One without offsets is for all of its text. */
export function annotationsOf(cited: readonly Cited[]): readonly JsonObject[] {
  return cited.flatMap(({ citation: { url, title, start = 0, end }, before, length }) =>
    url === undefined
      ? []
      : [
          {
            type: 'url_citation',
            url_citation: {
              url,
              title: title ?? url,
              start_index: before + start,
              end_index: before + (end ?? length),
            },
          },
        ],
  )
}

export function logprobsObject(logprobs: readonly TokenLogprob[]): JsonObject {
  return { content: logprobs.map(tokenObject), refusal: null }
}

function tokenObject({ token, logprob, bytes, top = [] }: TokenLogprob): JsonObject {
  const own = { token, logprob, bytes: bytes ?? null }
  return {
    ...own,
    top_logprobs: top.map((one) => ({ token: one.token, logprob: one.logprob, bytes: one.bytes ?? null })),
  }
}

/** A picture that the model made, as OpenRouter's dialect has it: OpenAI's own has no place for one. */
export function imageObject(part: Part): JsonObject | undefined {
  if (part.type !== 'image') return undefined
  const { source } = part
  if (source.kind === 'url') return { type: 'image_url', image_url: { url: source.url } }
  if (source.kind !== 'data') return undefined
  return { type: 'image_url', image_url: { url: `data:${source.mediaType};base64,${source.data}` } }
}

/** A sound that the model made. Nobody keeps it under this id: it has expired when it comes. */
export function audioObject(part: Part, { request, created }: RenderContext): JsonObject | undefined {
  if (part.type !== 'audio' || part.source.kind !== 'data') return undefined
  const { data } = part.source
  return { id: `audio_${request.id}`, data, expires_at: created, transcript: part.transcript ?? '' }
}

/** Thoughts as text: as the model thought them, else as they may be shown. */
export function thoughtsOf(part: Part): string {
  return part.type === 'reasoning' ? thoughtOf(part) : ''
}
