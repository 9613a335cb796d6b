import Anthropic from '@anthropic-ai/sdk'
import { ApiError, GoogleGenAI, type CountTokensParameters, type GenerateContentParameters } from '@google/genai'
import OpenAI, { toFile } from 'openai'
import { isObject, objectAt, parseJson, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import type { Ask } from './gateway.ts'

/** What an app wants, in its own dialect. */
export interface Wanted {
  readonly ask: Ask
  readonly model: string
  readonly request: JsonObject
  readonly stream: boolean
}

/** What an app sees of one request. */
export interface Seen {
  /** The whole answer, or each event of a stream. */
  readonly parts: readonly Json[]
  /** What the official client makes of all of them, where it does. */
  readonly final?: Json
  readonly error?: Caught
}

/** An error as an official client raises it. */
export interface Caught {
  /** Its class. */
  readonly name: string
  /** undefined: it came after the head. */
  readonly status: number | undefined
  /** What the vendor, or tutti, says. */
  readonly message: string
  /** These are OpenAI's clients'. */
  readonly code?: string | undefined
  readonly param?: string | undefined
  readonly type?: string | undefined
}

/** One vendor's official client. */
export type Client = (wanted: Wanted) => Promise<Seen>

type Call = (wanted: Wanted, parts: Json[]) => Promise<Json | undefined>

/** Asks once, and keeps what came before an error. */
function clientOf(call: Call): Client {
  return async (wanted) => {
    const parts: Json[] = []
    try {
      const final = await call(wanted, parts)
      return final === undefined ? { parts } : { parts, final }
    } catch (error) {
      return { parts, error: caughtOf(error) }
    }
  }
}

const plain = (value: unknown): Json => parseJson(JSON.stringify(value)) ?? null
const fetchOf =
  ({ ask }: Wanted) =>
  (url: string | URL | Request, init?: RequestInit): Promise<Response> =>
    ask(new Request(url, init))
const bodyOf = ({ model, request, stream }: Wanted): string => JSON.stringify({ ...request, model, stream })

function openai(wanted: Wanted): OpenAI {
  return new OpenAI({
    baseURL: 'http://tutti.test/v1',
    apiKey: 'sk-app',
    maxRetries: 0,
    // It writes what it cannot read to the console, beside its error.
    logLevel: 'off',
    fetch: fetchOf(wanted),
  })
}

function anthropic(wanted: Wanted): Anthropic {
  return new Anthropic({
    baseURL: 'http://tutti.test',
    apiKey: 'sk-app',
    maxRetries: 0,
    // Without one it refuses by itself to wait for long answers.
    timeout: 60_000,
    fetch: fetchOf(wanted),
  })
}

function google(wanted: Wanted): GoogleGenAI {
  const httpOptions = { baseUrl: 'http://tutti.test', retryOptions: { attempts: 1 }, fetch: fetchOf(wanted) }
  return new GoogleGenAI({ apiKey: 'sk-app', httpOptions })
}

export const messages: Client = clientOf(async (wanted, parts) => {
  const client = anthropic(wanted)
  if (!wanted.stream) {
    const body: Anthropic.MessageCreateParamsNonStreaming = JSON.parse(bodyOf(wanted))
    parts.push(plain(await client.messages.create(body)))
    return parts[0]
  }
  const body: Anthropic.MessageStreamParams = JSON.parse(bodyOf(wanted))
  const stream = client.messages.stream(body)
  for await (const event of stream) parts.push(plain(event))
  return plain(await stream.finalMessage())
})

export const gemini: Client = clientOf(async (wanted, parts) => {
  const client = google(wanted)
  const params: GenerateContentParameters = JSON.parse(JSON.stringify({ ...wanted.request, model: wanted.model }))
  if (!wanted.stream) {
    parts.push(withoutResponse(plain(await client.models.generateContent(params))))
    return parts[0]
  }
  for await (const event of await client.models.generateContentStream(params)) parts.push(withoutResponse(plain(event)))
  return undefined
})

/** Google's client adds the head of the HTTP answer, which is each hop's own. */
function withoutResponse(value: Json): Json {
  if (!isObject(value)) return value
  const { sdkHttpResponse: _response, ...answer } = value
  return answer
}

export const responses: Client = clientOf(async (wanted, parts) => {
  const client = openai(wanted)
  if (!wanted.stream) {
    const body: OpenAI.Responses.ResponseCreateParamsNonStreaming = JSON.parse(bodyOf(wanted))
    parts.push(plain(await client.responses.create(body)))
    return parts[0]
  }
  const body: OpenAI.Responses.ResponseCreateParamsStreaming = JSON.parse(bodyOf(wanted))
  // Its last event is what the client would make of them.
  for await (const event of await client.responses.create(body)) parts.push(plain(event))
  return undefined
})

export const chat: Client = clientOf(async (wanted, parts) => {
  const client = openai(wanted)
  if (!wanted.stream) {
    const body: OpenAI.ChatCompletionCreateParamsNonStreaming = JSON.parse(bodyOf(wanted))
    parts.push(plain(await client.chat.completions.create(body)))
    return parts[0]
  }
  const body: OpenAI.ChatCompletionCreateParamsStreaming = JSON.parse(bodyOf(wanted))
  const stream = client.chat.completions.stream(body)
  for await (const chunk of stream) parts.push(plain(chunk))
  return plain(await stream.finalChatCompletion())
})

export const moderations: Client = clientOf(async (wanted, parts) => {
  const body: OpenAI.ModerationCreateParams = JSON.parse(bodyOf(wanted))
  parts.push(plain(await openai(wanted).moderations.create(body)))
  return parts[0]
})

export const countTokens: Client = clientOf(async (wanted, parts) => {
  const { stream: _stream, ...asked }: Anthropic.MessageCountTokensParams & { stream: boolean } = JSON.parse(
    bodyOf(wanted),
  )
  parts.push(plain(await anthropic(wanted).messages.countTokens(asked)))
  return parts[0]
})

export const geminiTokens: Client = clientOf(async (wanted, parts) => {
  const params: CountTokensParameters = JSON.parse(JSON.stringify({ ...wanted.request, model: wanted.model }))
  parts.push(withoutResponse(plain(await google(wanted).models.countTokens(params))))
  return parts[0]
})

export const transcriptions: Client = clientOf(async (wanted, parts) => {
  const { audio } = openai(wanted)
  const { model, stream } = wanted
  if (!stream) {
    parts.push(plain(await audio.transcriptions.create({ model, file: await sound() })))
    return parts[0]
  }
  for await (const event of await audio.transcriptions.create({ model, file: await sound(), stream }))
    parts.push(plain(event))
  return undefined
})

export const translations: Client = clientOf(async (wanted, parts) => {
  const { model } = wanted
  parts.push(plain(await openai(wanted).audio.translations.create({ model, file: await sound() })))
  return parts[0]
})

const sound = (): Promise<File> => toFile(new Uint8Array(3000), 'a.wav')

/** At a path for which the client of no vendor of this corpus has a method that takes what was asked: any that raises classes of errors will do. */
export function posted(path: string): Client {
  return clientOf(async (wanted, parts) => {
    const { stream: _stream, ...body }: JsonObject = JSON.parse(bodyOf(wanted))
    parts.push(plain(await openai(wanted).post(path, { body })))
    return parts[0]
  })
}

function caughtOf(error: unknown): Caught {
  if (error instanceof ApiError)
    return { name: 'ApiError', status: error.status, message: messageIn(parseJson(error.message)) ?? error.message }
  if (error instanceof Anthropic.APIError || error instanceof OpenAI.APIError) {
    const status: unknown = error.status
    return {
      name: error.constructor.name,
      status: typeof status === 'number' ? status : undefined,
      message: messageIn(plain(error.error)) ?? error.message,
      ...(error instanceof OpenAI.APIError && detailsOf(error)),
    }
  }
  if (!(error instanceof Error)) throw error
  return { name: error.constructor.name, status: undefined, message: error.message }
}

/** Vendors write numbers as codes, whatever the type says; OpenAI's form has text. */
function detailsOf({ code, param, type }: InstanceType<typeof OpenAI.APIError>): Partial<Caught> {
  const written: unknown = code
  return { code: typeof written === 'number' ? String(written) : (code ?? undefined), param: param ?? undefined, type }
}

/** Wherever the vendor's body has it; Google's client wraps a text once more in a text. */
function messageIn(body: Json | undefined): string | undefined {
  const inner = objectAt(body, 'error') ?? body
  const message = stringAt(inner, 'message')
  return message === undefined ? undefined : (messageIn(parseJson(message)) ?? message)
}
