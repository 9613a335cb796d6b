import { arrayAt, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { contentOf, logprobsOf } from './content.ts'
import type { StreamEvent } from './framing.ts'
import { hash } from './random.ts'
import { DONE } from './render.ts'
import { jsonBody, textBody, type Body, type Render } from './surface.ts'
import { asSrt, asVtt, segmentsOf, type Segment } from './transcript-segments.ts'
import { tallyOf } from './usage.ts'

/** Bytes of a second of sound: MP3 of 128 kbit/s. */
const BYTES_A_SECOND = 16_000
const TOKENS_A_SECOND = 10

/** What was heard, in the format that was asked for. */
export function renderTranscript(render: Render): Body {
  const pieces = heardIn(render)
  const text = pieces.join('')
  const segments = () => segmentsOf(pieces, secondsOf(render))
  switch (stringAt(render.body, 'response_format')) {
    case 'text':
      return textBody(`${text}\n`, 'text/plain; charset=utf-8')
    case 'srt':
      return textBody(asSrt(segments()), 'text/plain; charset=utf-8')
    case 'vtt':
      return textBody(asVtt(segments()), 'text/vtt; charset=utf-8')
    case 'verbose_json':
      return jsonBody(verbose(render, segments()))
    default:
      // Of a translation the text is all.
      return jsonBody(isTranslation(render) ? { text } : { text, ...logprobs(pieces, render), ...usageOf(render) })
  }
}

/** The same as a stream. */
export function transcriptEvents(render: Render): readonly StreamEvent[] {
  const pieces = heardIn(render)
  const done = {
    type: 'transcript.text.done',
    text: pieces.join(''),
    ...logprobs(pieces, render),
    ...usageOf(render),
  }
  return [
    ...pieces.map((delta) => ({
      json: { type: 'transcript.text.delta', delta, ...logprobs([delta], render) },
      generated: true,
    })),
    { json: done, generated: false, end: true },
    DONE,
  ]
}

/** What the script says was heard. */
function heardIn(render: Render): readonly string[] {
  return contentOf(render).text ?? []
}

function isTranslation({ ask }: Render): boolean {
  return ask.surface.endpoint === 'translations'
}

/** Nobody listens to the file: its length tells how long it is. */
function secondsOf({ body }: Render): number {
  return Math.ceil((numberAt(objectAt(body, 'file'), 'bytes') ?? 0) / BYTES_A_SECOND) || 1
}

function verbose(render: Render, segments: readonly Segment[]): JsonObject {
  const duration = secondsOf(render)
  const asked = render.body['timestamp_granularities[]'] ?? 'segment'
  const wants = (name: string) => (Array.isArray(asked) ? asked.includes(name) : asked === name)
  const words = segments.flatMap((segment) => segment.words)
  return {
    task: isTranslation(render) ? 'translate' : 'transcribe',
    language: isTranslation(render) ? 'english' : (stringAt(render.body, 'language') ?? 'korean'),
    duration,
    text: segments.map(({ text }) => text).join(''),
    ...(wants('word') && { words: words.map(({ text, start, end }) => ({ word: text.trim(), start, end })) }),
    ...(wants('segment') && { segments: segments.map(segmentJson) }),
    ...(render.reply.usageIn !== 'never' && { usage: { type: 'duration', seconds: duration } }),
  }
}

function segmentJson({ text, start, end, words }: Segment, id: number): JsonObject {
  const tokens: readonly Json[] = words.map((word) => hash(word.text) % 50_000)
  const judged = { temperature: 0, avg_logprob: -0.25, compression_ratio: 1, no_speech_prob: 0.01 }
  return { id, seek: 0, start, end, text, tokens, ...judged }
}

/** Older models are billed by the second, others by the token. */
function usageOf(render: Render): JsonObject {
  const tally = tallyOf(render, contentOf(render))
  if (tally === undefined) return {}
  const seconds = secondsOf(render)
  if (render.model.startsWith('whisper')) return { usage: { type: 'duration', seconds } }
  const input = render.reply.usage?.input ?? seconds * TOKENS_A_SECOND
  return {
    usage: {
      type: 'tokens',
      total_tokens: input + tally.output,
      input_tokens: input,
      input_token_details: { text_tokens: 0, audio_tokens: input },
      output_tokens: tally.output,
    },
  }
}

function logprobs(pieces: readonly string[], { reply, body }: Render): JsonObject {
  const asked = [body['include[]'], body['include']].flatMap((each) => (Array.isArray(each) ? each : [each]))
  if (!(reply.logprobs ?? asked.includes('logprobs'))) return {}
  const all = arrayAt(logprobsOf(pieces, {}), 'content') ?? []
  const own = all.map((each) => ({
    token: stringAt(each, 'token') ?? '',
    logprob: numberAt(each, 'logprob') ?? 0,
    bytes: arrayAt(each, 'bytes') ?? [],
  }))
  return { logprobs: own }
}
