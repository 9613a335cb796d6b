import { errorForm } from './error-form.ts'
import { messageOf } from './error-openai.ts'
import { FRAMES } from './framing.ts'
import { renderConverse } from './render-bedrock.ts'
import { renderConverseStream } from './render-bedrock-stream.ts'
import { between } from './request-record.ts'
import type { ErrorReply } from './script.ts'
import { jsonBody, type ErrorForm, type Surface } from './surface.ts'
import { wishOfBedrock } from './wish-bedrock.ts'

const EXCEPTIONS: Readonly<Record<number, string>> = {
  401: 'UnrecognizedClientException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  424: 'ModelErrorException',
  429: 'ThrottlingException',
  502: 'ModelStreamErrorException',
  503: 'ServiceUnavailableException',
  504: 'ModelTimeoutException',
  529: 'ServiceUnavailableException',
}

/** Behind an exception's name in the header. */
const NAMESPACE = ':http://internal.amazon.com/coral/com.amazon.bedrock/'

/** `{ message }`, the exception's name in a header; in a stream in the frame, which begins it small. */
const errors: ErrorForm = errorForm({
  requestIdHeader: 'x-amzn-requestid',
  whole: (error) => ({
    headers: { 'x-amzn-errortype': exceptionOf(error) + NAMESPACE },
    body: { message: messageOf(error) },
  }),
  event(error) {
    const name = exceptionOf(error)
    return {
      json: { message: messageOf(error) },
      generated: false,
      name: name.slice(0, 1).toLowerCase() + name.slice(1),
      exception: true,
    }
  },
  unknownModel: () => ({ status: 400, message: 'The provided model identifier is invalid.' }),
})

function exceptionOf({ type, status }: ErrorReply): string {
  return type ?? EXCEPTIONS[status] ?? (status >= 500 ? 'InternalServerException' : 'ValidationException')
}

const ACTIONS = [
  ['/converse', false],
  ['/converse-stream', true],
] as const

const converse: Surface = {
  endpoint: 'bedrockConverse',
  asksModel: true,
  find({ method }, path) {
    if (method !== 'POST') return undefined
    for (const [action, stream] of ACTIONS) {
      const model = between(path, '/model/', action)
      if (model !== undefined) return { model, stream }
    }
    return undefined
  },
  refuse({ body }) {
    if (body['messages'] !== undefined) return undefined
    const message = `1 validation error detected: Value at 'messages' failed to satisfy constraint: Member must not be null`
    return { status: 400, message }
  },
  wish: ({ body }) => wishOfBedrock(body),
  whole: (render) => jsonBody(renderConverse(render)),
  stream: { framing: () => FRAMES, events: renderConverseStream },
  errors,
}

/** What AWS speaks for models of all makers. */
export const BEDROCK_SURFACES: readonly Surface[] = [converse]
