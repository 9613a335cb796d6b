import type { Caught } from './clients.ts'

/** Where an app sees something else through tutti than without it, in the vendor's own dialect, and why that is right. */
export interface NativeException {
  readonly id: string
  readonly why: string
  /** The recording is no answer of this form: nobody could give it. */
  readonly malformed?: boolean
  /** What the app catches through tutti; undefined: nothing. */
  readonly sees?: Partial<Caught>
  /** How much of the upstream's answer it was given: as much as without tutti, one event more, or nothing. */
  readonly given: 'all' | 'one more' | 'nothing'
}

const refused = (status: number, name: string): Pick<NativeException, 'sees' | 'given'> => ({
  sees: { status, name },
  given: 'nothing',
})
const EMPTY = refused(502, 'ApiError')
const NO_LAST_LINE =
  'the recording lacks the empty line behind its last event; the client alone drops `message_stop` and calls the message broken'
const NOT_GEMINI = 'recorded from another path of the same host: no answer of generateContent, without any candidate'

/** 401, 402 and 403 of an upstream are a rule (502) and not listed. */
export const NATIVE_EXCEPTIONS: readonly NativeException[] = [
  {
    id: 'anthropic/messages-stream-first-event-error',
    why: 'a 200 whose first event is an error: nothing was sent yet, so it gets its own status and class',
    ...refused(529, 'OverloadedError'),
  },
  {
    id: 'openai/responses-error-1-stream',
    why: 'a 200 that fails before it says anything: nothing was sent yet, so it gets its own status and class',
    ...refused(429, 'RateLimitError'),
  },
  {
    id: 'openai/responses-parallel-tool-call-wrapper-1-stream',
    why: 'two events of it lack their last brace and are no JSON; the client alone dies of a SyntaxError',
    malformed: true,
    ...refused(502, 'InternalServerError'),
  },
  { id: 'anthropic/messages-fallback-credit-response-stream', why: NO_LAST_LINE, given: 'one more' },
  { id: 'anthropic/messages-incomplete-partial-json-response-stream-2', why: NO_LAST_LINE, given: 'one more' },
  { id: 'anthropic/messages-refusal-response-stream', why: NO_LAST_LINE, given: 'one more' },
  {
    id: 'openai/responses-background',
    why: 'tutti refuses `background` itself: it could not be asked for again',
    ...refused(400, 'BadRequestError'),
  },
  {
    id: 'gemini/generate-candidate-no-content-fin-no-image',
    why: 'nothing was made, and the reason is none of the model’s: a failure, so that another target is asked',
    ...EMPTY,
  },
  {
    id: 'gemini/generate-candidate-no-content-fin-other',
    why: 'nothing was said, and the reason is none of the model’s: a failure, so that another target is asked',
    ...EMPTY,
  },
  {
    id: 'gemini/generate-text',
    why: 'a text of no letters that says it stopped by itself: an empty answer is a failure, so that another target is asked',
    ...EMPTY,
  },
  { id: 'gemini/generate-no-candidates', why: `${NOT_GEMINI} (a batch)`, malformed: true, ...EMPTY },
  { id: 'vertex/unary-failure-generate-images-all-filtered', why: NOT_GEMINI, malformed: true, ...EMPTY },
  { id: 'vertex/unary-failure-generate-images-base64-some-filtered', why: NOT_GEMINI, malformed: true, ...EMPTY },
  { id: 'vertex/unary-failure-generate-images-gcs-some-filtered', why: NOT_GEMINI, malformed: true, ...EMPTY },
  {
    id: 'vertex/unary-failure-invalid-response',
    why: 'made by hand to be no answer at all',
    malformed: true,
    ...EMPTY,
  },
  {
    id: 'vertex/unary-failure-malformed-content',
    why: 'made by hand: a candidate whose content has no parts and no finish reason',
    malformed: true,
    ...EMPTY,
  },
  {
    id: 'vertex/generate-err-404-none',
    why: 'a page of HTML: the client alone dies of a SyntaxError; tutti makes an error of it and does not pass pages on',
    ...refused(404, 'ApiError'),
  },
  {
    id: 'vertex/generate-err-400-invalid-argument-9',
    why: 'the key of the account was not valid, whatever the status says: a 401 of the upstream is a 502',
    ...refused(502, 'ApiError'),
  },
  {
    id: 'xai/responses-err-400-none',
    why: 'the key of the account was not valid, whatever the status says: a 401 of the upstream is a 502',
    ...refused(502, 'InternalServerError'),
  },
  {
    id: 'vertex/streaming-failure-error-mid-stream',
    why: 'an error over several lines that belong to no event: the client alone cannot read it; tutti says it as Google does',
    sees: { name: 'ApiError', status: 502 },
    given: 'all',
  },
]
