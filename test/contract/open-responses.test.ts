// Every body and every event of a stream that tutti writes itself for /v1/responses is one of Open Responses.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { unfold } from '#src/core/collect.ts'
import type { Answer } from '#src/core/answer.ts'
import type { RenderContext } from '#src/core/dialect.ts'
import { isObject, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import { dialects } from '#src/dialects/registry.ts'
import { endSse, initialSse, readSse } from '#src/transport/sse.ts'
import { answers, objectOf, renderSteps, seeds, shuffled } from '../support/answers.ts'
import { explain, schemaChecker } from '../support/json-schema.ts'
import { corpusAbsent, SHARED } from '../support/require.ts'

const dialect = dialects.responses

function contextFor(body: JsonObject): RenderContext {
  const text = JSON.stringify(body)
  const request = dialect.read(text, { id: 'req_1', tags: [], metadata: {} })
  return { request, created: 1_700_000_000 }
}

const REQUESTS: readonly JsonObject[] = [
  { model: 'm', input: '안녕' },
  {
    model: 'm',
    input: [{ role: 'user', content: [{ type: 'input_text', text: 'hi' }] }],
    instructions: 'be brief',
    tools: [{ type: 'function', name: 'look', parameters: { type: 'object', properties: {} } }],
    tool_choice: 'required',
    reasoning: { effort: 'high' },
    text: { format: { type: 'json_object' }, verbosity: 'low' },
    metadata: { a: 'b' },
    temperature: 0.5,
    stream: true,
  },
]

/** What random answers leave out. */
const PARTICULAR: readonly Answer[] = [
  { choices: [{ index: 0, parts: [], finish: { unified: 'length' } }] },
  { choices: [{ index: 0, parts: [{ type: 'refusal', text: '안 됩니다' }], finish: { unified: 'stop' } }] },
  {
    choices: [
      {
        index: 0,
        parts: [
          { type: 'reasoning', summary: ['하나', '둘'], signature: { vendor: 'anthropic', value: 'sig' } },
          {
            type: 'text',
            text: 'see',
            citations: [{ vendor: 'google', raw: {}, url: 'https://a.test', title: 'A', start: 0, end: 3 }],
          },
          { type: 'text', text: ' and more' },
          { type: 'refusal', text: 'no' },
        ],
        finish: { unified: 'content_filter' },
        logprobs: [{ token: 'see', logprob: -0.5, top: [{ token: 'sea', logprob: -1 }] }],
      },
    ],
    usage: { input: 10, cachedInput: 4, output: 5, reasoning: 2 },
  },
]

interface Event {
  readonly type: string
  readonly value: JsonObject
}

function eventsOf(stream: string): readonly Event[] {
  const { state, events } = readSse(initialSse, new TextEncoder().encode(stream))
  return [...events, ...endSse(state)].flatMap(({ data }) => {
    const value = parseJson(data ?? '')
    return isObject(value) ? [{ type: stringAt(value, 'type') ?? '', value }] : []
  })
}

describe.skipIf(corpusAbsent())('Open Responses (skipped where ../shared is absent)', () => {
  const document = corpusAbsent()
    ? {}
    : objectOf(readFileSync(join(SHARED, 'spec/openresponses-2026-04.openapi.json'), 'utf8'))
  const check = schemaChecker(document)
  const schemas = eventSchemas(document)

  function expectValid(schema: string, value: JsonObject): void {
    expect(explain(check(schema, value)), JSON.stringify(value)).toEqual([])
  }

  function expectAll(answer: Answer, body: JsonObject, seed: string): void {
    const context = contextFor(body)
    expectValid('ResponseResource', objectOf(dialect.translation?.render(answer, context) ?? ''))
    const events = eventsOf(renderSteps(dialect, shuffled(unfold(answer), seed), context))
    expect(events.map(({ value }) => value['sequence_number'])).toEqual(events.map((_, index) => index))
    for (const { type, value } of events) {
      const schema = schemas.get(type)
      // Custom tools are OpenAI's own: Open Responses has no events for them.
      if (type.startsWith('response.custom_tool_call')) continue
      expect(schema, type).toBeDefined()
      if (schema !== undefined) expectValid(schema, value)
    }
  }

  test.for(REQUESTS)('random answers: %j', (body) => {
    fc.assert(
      fc.property(answers, seeds, (answer, seed) => expectAll(answer, body, seed)),
      { numRuns: 150 },
    )
  })

  test.for(PARTICULAR)('%j', (answer) => {
    for (const body of REQUESTS) expectAll(answer, body, 'seed')
  })

  test('a failure in the middle of a stream is an event of it', () => {
    const failure = { status: 502, code: 'upstream_error', type: 'server_error', message: 'broke off' }
    const [event] = eventsOf(dialect.renderStreamError(failure, true))
    expectValid(schemas.get('error') ?? '', event?.value ?? {})
  })
})

/** The schema of each event, by its `type`. */
function eventSchemas(document: JsonObject): ReadonlyMap<string, string> {
  const components = document['components']
  const all = isObject(components) && isObject(components['schemas']) ? components['schemas'] : {}
  const found = new Map<string, string>()
  for (const [name, schema] of Object.entries(all)) {
    const properties = isObject(schema) && isObject(schema['properties']) ? schema['properties'] : {}
    const type = isObject(properties['type']) ? properties['type']['enum'] : undefined
    if (name.endsWith('StreamingEvent') && Array.isArray(type) && typeof type[0] === 'string') found.set(type[0], name)
  }
  return found
}

test('the official client adds the stream up to the same response', async () => {
  await fc.assert(
    fc.asyncProperty(answers, seeds, async (answer, seed) => {
      const context = contextFor({ model: 'm', input: 'hi', stream: true })
      const body = renderSteps(dialect, shuffled(unfold(answer), seed), context)
      const client = new OpenAI({
        baseURL: 'http://x.test/v1',
        apiKey: 'k',
        fetch: () => Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } })),
      })
      const stream = client.responses.stream({ model: 'm', input: 'hi' })
      const said: string[] = []
      stream.on('response.output_text.delta', ({ delta }) => said.push(delta))
      const final = await stream.finalResponse()
      const whole = objectOf(dialect.translation?.render(answer, context) ?? '')
      expect(final.output).toMatchObject(JSON.parse(JSON.stringify(whole['output'])))
      expect(said.join('')).toBe(final.output_text)
      expect(final.status).toBe(whole['status'])
    }),
    { numRuns: 60 },
  )
})
