import type { Caught } from './corpus-client.ts'

/** Where an app sees something else through tutti than without it, and why that is right. */
export interface Exception {
  readonly id: string
  readonly why: string
  /** What the app catches through tutti. */
  readonly sees: Partial<Caught>
  /** How much of the upstream's answer it was given before. */
  readonly given: 'all' | 'nothing'
}

const CUT: Pick<Exception, 'sees' | 'given'> = {
  sees: { name: 'APIError', status: undefined, code: 'upstream_error' },
  given: 'all',
}
const UNUSABLE: Pick<Exception, 'sees' | 'given'> = {
  sees: { name: 'InternalServerError', status: 502, code: 'upstream_error' },
  given: 'nothing',
}

/** 401, 402 and 403 of an upstream are a rule (502) and not listed. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    id: 'alibaba/chat-stream-deepseek-r1-data-no-space',
    why: 'the recording stops in the middle: no finish reason, no [DONE]; the client alone takes that for the end',
    ...CUT,
  },
  {
    id: 'tenstorrent/chat-stream-special-tokens',
    why: 'the recording stops in the middle: no finish reason, no [DONE]; the client alone takes that for the end',
    ...CUT,
  },
  {
    id: 'vllm/chat-stream-tool-args-python-client',
    why: 'the recording stops in the middle of a tool call; the client alone takes that for the end',
    ...CUT,
  },
  {
    id: 'llamacpp/chat-stream-error-field-nonstandard',
    why: 'a 200 whose only line is `error: {…}`, which is no SSE field: the client alone gets an empty stream without an error',
    sees: { name: 'BadRequestError', status: 400, code: '400' },
    given: 'nothing',
  },
  {
    id: 'llamacpp/chat-stream-error-in-data',
    why: 'a 200 whose first event is an error: nothing was sent yet, so it gets its own status and class',
    sees: { name: 'BadRequestError', status: 400, code: '400' },
    given: 'nothing',
  },
  {
    id: 'writer/completions-stream-text',
    why: 'its own form under an OpenAI path: no choices, no finish reason, no [DONE]; the client alone gives chunks without text',
    ...UNUSABLE,
  },
  {
    id: 'ollama/embeddings-text',
    why: 'recorded from /api/embed, which is not the OpenAI dialect: the client alone gives an answer without `data`',
    ...UNUSABLE,
  },
  {
    id: 'openai/chat-err-502-cloudflare-html',
    why: 'the message is a whole HTML page; tutti does not pass pages on',
    ...UNUSABLE,
  },
  {
    id: 'openai/completions-err-400-integer-below-min-value',
    why: 'tutti refuses a negative max_tokens itself, with the same class and param, before anybody is asked',
    sees: { name: 'BadRequestError', status: 400, code: 'invalid_request_error' },
    given: 'nothing',
  },
  {
    id: 'venice/embeddings-err-404-none',
    why: '`error` is a string, which the client prints with its quotes; tutti makes an error object of it',
    sees: { name: 'NotFoundError', status: 404 },
    given: 'nothing',
  },
  {
    id: 'anthropic/chat-compat-err-429-rate-limit',
    why: 'a rate limit of type invalid_request_error; tutti says rate_limit_error',
    sees: { name: 'RateLimitError', status: 429, type: 'rate_limit_error' },
    given: 'nothing',
  },
  {
    id: 'mistral/chat-err-429-capacity',
    why: 'a capacity limit of type invalid_request_error; tutti says rate_limit_error',
    sees: { name: 'RateLimitError', status: 429, type: 'rate_limit_error' },
    given: 'nothing',
  },
]
