import type { Plain } from '../../support/readers/plain.ts'
import type { Caller } from './callers.ts'

/** A case of which no caller gets an answer, and why that is right. */
export interface CrossFailure {
  readonly id: string
  readonly why: string
  /** The recording is no answer of this form: nobody could give it. */
  readonly malformed?: boolean
  /** What the caller's client raises; or an error behind content, which was given. */
  readonly status: number | 'in the stream'
  /** Classes of errors that a client makes itself. */
  readonly names?: Partial<Readonly<Record<Caller['name'], string>>>
}

/** A case of which a caller sees something else than the bytes say, and why that is right. */
export interface CrossField {
  readonly id: string
  /** Absent: all. */
  readonly callers?: readonly Caller['name'][]
  readonly field: keyof Plain
  readonly why: string
  readonly value?: unknown
}

const CUT = 'the recording stops in the middle: no finish reason, no proper end'
const NO_CANDIDATES = 'recorded from another path of the same host: no answer of generateContent, without any candidate'
const BY_HAND = 'made by hand to be no answer'
const FIRST = 'a 200 whose first event is an error: nothing was sent yet, so it gets its own status and class'
const BAD_KEY = 'the key of the account was not valid, whatever the status says: a 401 of the upstream is a 502'
const NOTHING =
  'nothing was made, for no reason of the caller’s or of a filter’s: a failure, so that another target is asked'

/** 401, 402 and 403 of an upstream are a rule (502) and not listed. */
export const FAILURES: readonly CrossFailure[] = [
  { id: 'alibaba/chat-stream-deepseek-r1-data-no-space', why: CUT, malformed: true, status: 'in the stream' },
  { id: 'tenstorrent/chat-stream-special-tokens', why: CUT, malformed: true, status: 'in the stream' },
  {
    id: 'vllm/chat-stream-tool-args-python-client',
    why: 'the recording stops in the middle of a call, and its arguments are no JSON: Anthropic’s client says so before it is told of the cut',
    malformed: true,
    status: 'in the stream',
    names: { messages: 'AnthropicError' },
  },
  {
    id: 'groq/chat-stream-midstream-error-reasoning',
    why: 'the vendor itself fails in the middle: an error in its stream',
    status: 'in the stream',
  },
  {
    id: 'openrouter/chat-stream-midstream-error-reasoning-details-reasoning',
    why: 'the vendor itself fails in the middle: an error in its stream',
    status: 'in the stream',
  },
  {
    id: 'vertex/streaming-failure-error-mid-stream',
    why: 'the vendor itself fails in the middle: an error over several lines that belong to no event',
    status: 'in the stream',
  },
  { id: 'llamacpp/chat-stream-error-field-nonstandard', why: FIRST, status: 400 },
  { id: 'llamacpp/chat-stream-error-in-data', why: FIRST, status: 400 },
  { id: 'anthropic/messages-stream-first-event-error', why: FIRST, status: 529 },
  {
    id: 'openai/responses-error-1-stream',
    why: 'a 200 that fails before it says anything: nothing was sent yet, so it gets its own status and class',
    status: 429,
  },
  {
    id: 'anthropic/messages-duplicate-message-start-stream',
    why: 'a second message begins inside the first: the vendor’s own client raises an error too',
    malformed: true,
    status: 502,
  },
  {
    id: 'openai/responses-parallel-tool-call-wrapper-1-stream',
    why: 'two events of it lack their last brace and are no JSON: the vendor’s own client raises an error too',
    malformed: true,
    status: 502,
  },
  {
    id: 'openai/responses-background',
    why: 'queued, not answered: tutti asks for nothing in the background, so that this is an empty answer',
    status: 502,
  },
  { id: 'gemini/generate-candidate-no-content-fin-no-image', why: NOTHING, status: 502 },
  { id: 'gemini/generate-candidate-no-content-fin-other', why: NOTHING, status: 502 },
  {
    id: 'gemini/generate-text',
    why: 'a text of no letters that says it stopped by itself: an empty answer is a failure, so that another target is asked',
    status: 502,
  },
  { id: 'gemini/generate-no-candidates', why: `${NO_CANDIDATES} (a batch)`, malformed: true, status: 502 },
  { id: 'vertex/unary-failure-generate-images-all-filtered', why: NO_CANDIDATES, malformed: true, status: 502 },
  { id: 'vertex/unary-failure-generate-images-base64-some-filtered', why: NO_CANDIDATES, malformed: true, status: 502 },
  { id: 'vertex/unary-failure-generate-images-gcs-some-filtered', why: NO_CANDIDATES, malformed: true, status: 502 },
  { id: 'vertex/unary-failure-invalid-response', why: BY_HAND, malformed: true, status: 502 },
  {
    id: 'vertex/unary-failure-malformed-content',
    why: `${BY_HAND}: a candidate whose content has no parts and no finish reason`,
    malformed: true,
    status: 502,
  },
  { id: 'vertex/generate-err-400-invalid-argument-9', why: BAD_KEY, status: 502 },
  { id: 'xai/responses-err-400-none', why: BAD_KEY, status: 502 },
]

export const FIELDS: readonly CrossField[] = [
  {
    id: 'openai/responses-custom-tool-1',
    callers: ['messages', 'gemini'],
    field: 'calls',
    why: 'a tool that takes text is one that takes an object with that text in a dialect that has only objects',
    value: [{ name: 'write_sql', input: { input: 'SELECT * FROM users WHERE age > 25' } }],
  },
  {
    id: 'anthropic/messages-incomplete-partial-json-response-stream-2',
    callers: ['gemini'],
    field: 'calls',
    why: 'arguments that the limit of tokens cut are no object, and Gemini has no place for anything else',
    value: [{ name: 'make_file', input: {} }],
  },
  {
    id: 'gemini/streaming-success-empty-parts',
    callers: ['messages'],
    field: 'text',
    why: 'an image that the model made stands in the text, as Markdown, where a dialect’s answers hold no images',
  },
]
