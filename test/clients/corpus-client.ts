import OpenAI from 'openai'
import { isObject, parseJson, type Json, type JsonObject } from '#src/core/json.ts'
import type { Case } from './corpus-cases.ts'

/** What an app sees of one request: what it was given, in order, and the error that it caught, if any. */
export interface Seen {
  /** The whole answer, or each chunk of a stream. */
  readonly parts: readonly Json[]
  readonly error?: Caught
}

/** An error as the official client gives it. */
export interface Caught {
  /** Its class. */
  readonly name: string
  /** undefined: it came after the head. */
  readonly status?: number | undefined
  readonly code?: string | undefined
  readonly type?: string | undefined
  readonly message: string
}

/** The official client, which asks once. */
export function clientOf(baseURL: string): OpenAI {
  return new OpenAI({ baseURL, apiKey: 'sk-app', maxRetries: 0, timeout: 15_000 })
}

/** Asks as an app would; `more` goes over the recorded request. */
export async function ask(client: OpenAI, one: Case, more: JsonObject): Promise<Seen> {
  const parts: Json[] = []
  try {
    for await (const part of await create(client, one, bodyOf(one, more))) {
      parts.push(parseJson(JSON.stringify(part)) ?? null)
    }
    return { parts }
  } catch (error) {
    if (!(error instanceof OpenAI.OpenAIError)) throw error
    return { parts, error: caughtOf(error) }
  }
}

function bodyOf(one: Case, more: JsonObject): string {
  const wanted: JsonObject = { ...one.body, ...more }
  const { stream_options: options, ...rest } = wanted
  if (one.api === 'embeddings') return JSON.stringify(rest)
  return JSON.stringify({
    ...rest,
    stream: one.stream,
    ...(one.stream && isObject(options) && { stream_options: options }),
  })
}

async function create(client: OpenAI, one: Case, text: string): Promise<AsyncIterable<unknown> | readonly unknown[]> {
  if (one.api === 'embeddings') {
    const body: OpenAI.EmbeddingCreateParams = JSON.parse(text)
    return [await client.embeddings.create(body)]
  }
  if (one.api === 'openai.completions') {
    const body: OpenAI.CompletionCreateParams = JSON.parse(text)
    const answer = await client.completions.create(body)
    return Symbol.asyncIterator in answer ? answer : [answer]
  }
  const body: OpenAI.ChatCompletionCreateParams = JSON.parse(text)
  const answer = await client.chat.completions.create(body)
  return Symbol.asyncIterator in answer ? answer : [answer]
}

function caughtOf(error: Error): Caught {
  const name = error.constructor.name
  if (!(error instanceof OpenAI.APIError)) return { name, message: error.message }
  const { status, type, message } = error
  // Vendors write numbers, whatever the type says; OpenAI's form has text.
  const code: unknown = error.code
  return {
    name,
    status: typeof status === 'number' ? status : undefined,
    code: typeof code === 'number' || typeof code === 'string' ? String(code) : undefined,
    type: type ?? undefined,
    message,
  }
}
