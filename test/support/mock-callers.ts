// Official clients that ask one question each in their own dialect, and what they are left with.
import Anthropic from '@anthropic-ai/sdk'
import { FunctionCallingConfigMode, GoogleGenAI, type GenerateContentResponse, type Part } from '@google/genai'
import OpenAI from 'openai'

/** Where a mock is asked. */
export interface Place {
  readonly origin: string
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>
}

export interface Question {
  readonly tools?: readonly string[]
  readonly schema?: Readonly<Record<string, unknown>>
  readonly limit?: number
}

/** What a caller is left with. */
export interface Outcome {
  text: string
  reasoning: string
  signature: string
  tools: (readonly [name: string, input: unknown])[]
  finish: string | undefined
  /** Input, of it cached, output, of it reasoning: as all dialects but the caller's own may count. */
  usage: readonly number[] | undefined
  error: unknown
}

type Caller = (place: Place, question: Question, streamed: boolean) => Promise<Outcome>

const TEXT = '안녕'
const KEY = 'sk-canary'
const NO_PARAMETERS = { type: 'object', properties: {} } as const

/** Runs what fills an outcome; an error is part of it. */
async function outcomeOf(fill: (outcome: Outcome) => Promise<void>): Promise<Outcome> {
  const outcome: Outcome = {
    text: '',
    reasoning: '',
    signature: '',
    tools: [],
    finish: undefined,
    usage: undefined,
    error: undefined,
  }
  await fill(outcome).catch((error: unknown) => {
    outcome.error = error
  })
  return outcome
}

/** OpenAI's Responses API. */
export const askResponses: Caller = ({ origin, fetch }, { tools, schema, limit }, streamed) =>
  outcomeOf(async (outcome) => {
    const client = new OpenAI({ apiKey: KEY, baseURL: `${origin}/v1`, maxRetries: 0, fetch })
    const format = schema && { type: 'json_schema', name: 'x', schema }
    const body: OpenAI.Responses.ResponseCreateParamsNonStreaming = {
      model: 'gpt-x',
      input: TEXT,
      include: ['reasoning.encrypted_content'],
      ...(format && { text: { format: { ...format, type: 'json_schema' } } }),
      ...(limit !== undefined && { max_output_tokens: limit }),
      ...(tools && {
        tools: tools.map((name) => ({ type: 'function', name, parameters: NO_PARAMETERS, strict: false })),
      }),
    }
    if (!streamed) return endResponse(outcome, await client.responses.create(body), true)
    for await (const event of await client.responses.create({ ...body, stream: true })) hearResponse(outcome, event)
  })

function hearResponse(outcome: Outcome, event: OpenAI.Responses.ResponseStreamEvent): void {
  if (event.type === 'response.output_text.delta') outcome.text += event.delta
  if (event.type === 'response.reasoning_summary_text.delta') outcome.reasoning += event.delta
  if (event.type === 'response.output_item.done') takeItem(outcome, event.item)
  if (event.type === 'response.completed' || event.type === 'response.incomplete')
    endResponse(outcome, event.response, false)
}

function takeItem(outcome: Outcome, item: OpenAI.Responses.ResponseOutputItem): void {
  if (item.type === 'function_call') outcome.tools.push([item.name, JSON.parse(item.arguments)])
  if (item.type === 'reasoning') outcome.signature += item.encrypted_content ?? ''
}

function endResponse(outcome: Outcome, response: OpenAI.Responses.Response, whole: boolean): void {
  if (whole) {
    outcome.text = response.output_text
    for (const item of response.output) {
      takeItem(outcome, item)
      if (item.type === 'reasoning') outcome.reasoning += item.summary.map(({ text }) => text).join('')
    }
  }
  outcome.finish = response.incomplete_details?.reason ?? response.status
  const { usage } = response
  outcome.usage = usage && [
    usage.input_tokens,
    usage.input_tokens_details.cached_tokens,
    usage.output_tokens,
    usage.output_tokens_details.reasoning_tokens,
  ]
}

/** Anthropic's Messages API. */
export const askMessages: Caller = ({ origin, fetch }, { tools, schema, limit = 1000 }, streamed) =>
  outcomeOf(async (outcome) => {
    const client = new Anthropic({ apiKey: KEY, baseURL: origin, maxRetries: 0, fetch })
    const body: Anthropic.MessageCreateParamsNonStreaming = {
      model: 'claude-x',
      max_tokens: limit,
      messages: [{ role: 'user', content: TEXT }],
      ...(schema && { output_config: { format: { type: 'json_schema', schema } } }),
      ...(tools && { tools: tools.map((name) => ({ name, input_schema: NO_PARAMETERS })) }),
    }
    if (!streamed) return takeMessage(outcome, await client.messages.create(body))
    const stream = client.messages.stream(body)
    stream.on('text', (delta) => (outcome.text += delta))
    stream.on('thinking', (delta) => (outcome.reasoning += delta))
    takeMessage(outcome, await stream.finalMessage())
  })

function takeMessage(outcome: Outcome, { content, stop_reason, usage }: Anthropic.Message): void {
  const texts = content.map((block) => (block.type === 'text' ? block.text : ''))
  const thoughts = content.flatMap((block) => (block.type === 'thinking' ? [block] : []))
  outcome.text = texts.join('')
  outcome.reasoning = thoughts.map(({ thinking }) => thinking).join('')
  outcome.signature = thoughts.map(({ signature }) => signature).join('')
  outcome.tools = content.flatMap((block) => (block.type === 'tool_use' ? [[block.name, block.input] as const] : []))
  outcome.finish = stop_reason ?? undefined
  const cached = usage.cache_read_input_tokens ?? 0
  const written = usage.cache_creation_input_tokens ?? 0
  const reasoning = usage.output_tokens_details?.thinking_tokens ?? 0
  outcome.usage = [usage.input_tokens + cached + written, cached, usage.output_tokens, reasoning]
}

/** Gemini, at Google's own API. */
export const askGemini: Caller = ({ origin, fetch }, { tools, schema, limit }, streamed) =>
  outcomeOf(async (outcome) => {
    const { models } = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: origin, fetch } })
    const question = {
      model: 'gemini-x',
      contents: TEXT,
      config: {
        ...(schema && { responseMimeType: 'application/json', responseJsonSchema: schema }),
        ...(limit !== undefined && { maxOutputTokens: limit }),
        ...(tools && {
          tools: [{ functionDeclarations: tools.map((name) => ({ name, parametersJsonSchema: NO_PARAMETERS })) }],
          toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.AUTO } },
        }),
      },
    }
    if (!streamed) return takeChunk(outcome, await models.generateContent(question))
    for await (const chunk of await models.generateContentStream(question)) takeChunk(outcome, chunk)
  })

function takeChunk(outcome: Outcome, { candidates, usageMetadata: usage }: GenerateContentResponse): void {
  const [candidate] = candidates ?? []
  for (const part of candidate?.content?.parts ?? []) takePart(outcome, part)
  outcome.finish = candidate?.finishReason ?? outcome.finish
  const thoughts = usage?.thoughtsTokenCount ?? 0
  outcome.usage = usage && [
    usage.promptTokenCount ?? 0,
    usage.cachedContentTokenCount ?? 0,
    (usage.candidatesTokenCount ?? 0) + thoughts,
    thoughts,
  ]
}

function takePart(outcome: Outcome, { text = '', thought, functionCall, thoughtSignature }: Part): void {
  if (thought === true) outcome.reasoning += text
  else outcome.text += text
  if (functionCall) outcome.tools.push([functionCall.name ?? '', functionCall.args])
  outcome.signature += thoughtSignature ?? ''
}
