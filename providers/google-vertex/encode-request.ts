import type { Account, Encode, Encoded } from '#src/core/adapter.ts'
import type { EncodeConversation } from '#src/core/codec.ts'
import { editJson } from '#src/core/json-scan.ts'
import { messageBody, withoutRouting } from '#providers/anthropic/encode-request.ts'
import { bodyOf } from '#providers/google-gemini/encode-conversation.ts'
import { nativeBody } from '#providers/google-gemini/encode-request.ts'
import { generating } from '#providers/google-gemini/wire.ts'
import { encodeChat } from '#providers/openai-compatible/chat-encode.ts'
import { encodeRequest } from '#providers/openai-compatible/encode-request.ts'
import { HOSTED } from './hosted.ts'
import { addressOf, proofOf, publisherPath } from './wire.ts'

/** The version of Anthropic's API that the cloud speaks, in the body. */
const ANTHROPIC_VERSION = 'vertex-2023-10-16'

/** A request in a dialect that the model's publisher speaks itself. */
export function encodeNative(input: Encode): Encoded {
  switch (input.request.endpoint) {
    case 'messages':
      return nativeMessages(input)
    case 'chat':
      return hosted(encodeRequest(withAddress(input), HOSTED), input.account)
    default:
      return nativeGemini(input)
  }
}

function nativeGemini({ request, model, account }: Encode): Encoded {
  const { body, warnings } = nativeBody(request, model)
  return { upstream: sent(account, geminiPath(model, request.stream), { body, stream: request.stream }), warnings }
}

/** Model and streaming stand in the address, the version in the body. */
function nativeMessages({ request, model, account }: Encode): Encoded {
  const { edits, warnings } = withoutRouting(request.body)
  const body = editJson(request.text, [
    { op: 'remove', key: 'model' },
    { op: 'set', key: 'anthropic_version', value: JSON.stringify(ANTHROPIC_VERSION) },
    ...edits,
  ])
  const beta = request.headers?.['anthropic-beta']
  const upstream = sent(account, claudePath(model, request.stream), { body, stream: request.stream })
  return {
    upstream: beta === undefined ? upstream : { ...upstream, headers: { 'anthropic-beta': beta, ...upstream.headers } },
    warnings,
  }
}

/** A conversation for one of Google's models. */
export function encodeGemini(input: EncodeConversation): Encoded {
  const { account, model, stream } = input
  const { body, warnings } = bodyOf(input, 'vertex')
  return { upstream: sent(account, geminiPath(model, stream), { body: JSON.stringify(body), stream }), warnings }
}

/** A conversation for one of Anthropic's. */
export function encodeClaude(input: EncodeConversation): Encoded {
  const { account, model, stream } = input
  const { body, warnings } = messageBody(input)
  const whole = { anthropic_version: ANTHROPIC_VERSION, ...body, ...(stream && { stream }) }
  return { upstream: sent(account, claudePath(model, stream), { body: JSON.stringify(whole), stream }), warnings }
}

/** A conversation for an open model that the cloud runs. */
export function encodeHosted(input: EncodeConversation): Encoded {
  return hosted(encodeChat(withAddress(input), HOSTED), input.account)
}

function withAddress<Input extends { readonly account: Account }>(input: Input): Input {
  return { ...input, account: { ...input.account, baseUrl: addressOf(input.account) } }
}

function hosted({ upstream, warnings }: Encoded, account: Account): Encoded {
  const { auth } = proofOf(account)
  return { upstream: auth ? { ...upstream, auth } : upstream, warnings }
}

function geminiPath(model: string, stream: boolean): string {
  return publisherPath('google', model, generating(stream))
}

function claudePath(model: string, stream: boolean): string {
  return publisherPath('anthropic', model, stream ? 'streamRawPredict' : 'rawPredict')
}

interface Said {
  readonly body: string
  readonly stream: boolean
}

function sent(account: Account, path: string, { body, stream }: Said): Encoded['upstream'] {
  const { auth, header } = proofOf(account)
  return {
    method: 'POST',
    url: addressOf(account) + path,
    headers: {
      'content-type': 'application/json',
      accept: stream ? 'text/event-stream' : 'application/json',
      ...(header !== undefined && { authorization: header }),
      ...account.headers,
    },
    body,
    ...(auth && { auth }),
  }
}
