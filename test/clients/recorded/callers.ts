import { readChat } from '../../support/readers/chat.ts'
import { readGemini } from '../../support/readers/gemini.ts'
import { readMessages } from '../../support/readers/messages.ts'
import type { Plain, Reader } from '../../support/readers/plain.ts'
import { readResponses } from '../../support/readers/responses.ts'
import type { JsonObject } from '#src/core/json.ts'
import { chat, gemini, messages, responses, type Client } from './clients.ts'

/** An app of one dialect, before upstreams of whatever form. */
export interface Caller {
  readonly name: 'chat' | 'messages' | 'gemini' | 'responses'
  readonly client: Client
  readonly read: Reader
  /** The least that it asks. */
  request(stream: boolean): JsonObject
  /** The class of its client's error. */
  classOf(status: number): string
  /** The class of an error behind the head. */
  readonly late: string
  /** What its dialect can say of an answer. */
  due(plain: Plain): Plain
}

const CLASSES: Readonly<Record<number, string>> = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  403: 'PermissionDeniedError',
  404: 'NotFoundError',
  409: 'ConflictError',
  422: 'UnprocessableEntityError',
  429: 'RateLimitError',
}
/** Anthropic's client has more of them. */
const FINER: Readonly<Record<number, string>> = {
  408: 'RequestTimeoutError',
  413: 'ContentTooLargeError',
  503: 'ServiceUnavailableError',
  504: 'GatewayTimeoutError',
  529: 'OverloadedError',
}
const common = (status: number): string => CLASSES[status] ?? (status >= 500 ? 'InternalServerError' : 'APIError')

/** Only Anthropic's dialect has a word for a vendor that wants to be asked to go on. */
const unpaused = (plain: Plain): Plain => (plain.finish === 'pause' ? { ...plain, finish: 'stop' } : plain)
/** Refusals are texts where a dialect has no place for them. */
const refusing = (plain: Plain): Plain => ({ ...plain, text: plain.text + plain.refusal, refusal: '' })

const ASKED = [{ role: 'user', content: '안녕하세요' }]

export const CALLERS: readonly Caller[] = [
  {
    name: 'chat',
    client: chat,
    read: readChat,
    request: (stream) => ({ messages: ASKED, ...(stream && { stream_options: { include_usage: true } }) }),
    classOf: common,
    late: 'APIError',
    due: unpaused,
  },
  {
    name: 'messages',
    client: messages,
    read: readMessages,
    request: () => ({ messages: ASKED, max_tokens: 100 }),
    classOf: (status) => FINER[status] ?? common(status),
    late: 'APIError',
    due: refusing,
  },
  {
    name: 'gemini',
    client: gemini,
    read: readGemini,
    request: () => ({ contents: '안녕하세요' }),
    classOf: () => 'ApiError',
    late: 'ApiError',
    due: (plain) => refusing(unpaused(plain)),
  },
  {
    name: 'responses',
    client: responses,
    read: readResponses,
    request: () => ({ input: '안녕하세요' }),
    classOf: common,
    late: 'APIError',
    due: unpaused,
  },
]
