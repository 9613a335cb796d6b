import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Conversation, Part, Settings, Tool, Turn } from '#src/core/conversation.ts'
import { honour } from '#src/core/honour.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import { toConversation } from '#src/dialects/openai-chat/to-conversation.ts'
import { chatCodec } from '#providers/openai-compatible/chat-codec.ts'
import { quirksOf } from '#providers/openai-compatible/definition.ts'
import { makeRequest } from '../support/world.ts'

/** A conversation sent as a chat completion and read again is the same conversation: nothing of it is lost or made up. */
const codec = chatCodec(
  quirksOf({
    type: 't',
    title: 'T',
    quirks: { members: 'openai', vendor: 'google', replayReasoning: 'reasoning_content' },
  }),
)

const some = <Value>(own: fc.Arbitrary<Value>) => fc.option(own, { nil: undefined })
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const word = fc.stringMatching(/^[a-z]{1,8}$/)
const object = fc.dictionary(word, fc.oneof(text, fc.integer(), fc.boolean()), { maxKeys: 3 })

const said: fc.Arbitrary<Part> = text.map((own): Part => ({ type: 'text', text: own }))
const base64 = fc.base64String({ minLength: 4, maxLength: 12 })
const media: fc.Arbitrary<Part> = fc.oneof(
  fc.tuple(base64, some(fc.constantFrom('low', 'high'))).map(([data, detail]): Part => ({
    type: 'image',
    source: { kind: 'data', mediaType: 'image/png', data },
    ...(detail !== undefined && { detail }),
  })),
  fc.constant<Part>({ type: 'image', source: { kind: 'url', url: 'https://a.test/b.png' } }),
  base64.map((data): Part => ({ type: 'audio', source: { kind: 'data', mediaType: 'audio/wav', data } })),
  base64.map((data): Part => ({
    type: 'document',
    source: { kind: 'data', mediaType: 'application/pdf', data },
    name: 'a.pdf',
  })),
  word.map((id): Part => ({ type: 'document', source: { kind: 'id', id } })),
)
const call: fc.Arbitrary<Part> = fc.oneof(
  fc.tuple(word, object, some(word)).map(([name, input, value]): Part => ({
    type: 'tool-call',
    id: '',
    name,
    input: JSON.stringify(input),
    ...(value !== undefined && { signature: { vendor: 'google', value } }),
  })),
  fc.tuple(word, text).map(([name, input]): Part => ({ type: 'tool-call', id: '', name, input, custom: true })),
)

const named = (turn: Turn, name: string | undefined): Turn => ({ ...turn, ...(name !== undefined && { name }) })
const heard = fc
  .tuple(fc.constantFrom('system', 'developer', 'user'), fc.array(said, { minLength: 1, maxLength: 3 }), some(word))
  .map(([role, parts, name]): readonly Turn[] => [named({ role, parts }, name)])
const shown = fc
  .array(fc.oneof(said, media), { minLength: 1, maxLength: 4 })
  .map((parts): readonly Turn[] => [{ role: 'user', parts }])
const refusal = text.map((own): Part => ({ type: 'refusal', text: own }))
const thought = text.map((own): Part => ({ type: 'reasoning', text: own }))
const told = fc
  .tuple(some(thought), some(said), some(refusal), fc.array(call, { maxLength: 3 }), some(word))
  .map(([first, second, third, calls, name]): readonly Turn[] => {
    const identified = calls.map((own, index) => (own.type === 'tool-call' ? { ...own, id: `call_${index}` } : own))
    const parts = [first, second, third, ...identified].filter((part) => part !== undefined)
    const results = identified.flatMap((own) =>
      own.type === 'tool-call'
        ? [
            {
              type: 'tool-result',
              id: own.id,
              ...(own.custom === true && { custom: true }),
              parts: [{ type: 'text', text: '결과' }],
            } as const,
          ]
        : [],
    )
    const turn = named({ role: 'assistant', parts }, name)
    return results.length === 0 ? [turn] : [turn, { role: 'tool', parts: results }]
  })

const CLOSED: JsonObject = {
  type: 'object',
  properties: { a: { type: 'string' } },
  required: ['a'],
  additionalProperties: false,
}
const tools: fc.Arbitrary<readonly Tool[]> = fc.uniqueArray(
  fc.oneof(
    fc.tuple(word, some(text), some(object), fc.boolean()).map(([name, description, parameters, strict]): Tool => ({
      kind: 'function',
      name,
      ...(description !== undefined && { description }),
      ...(parameters && { parameters }),
      // A strict one is only sent with a schema that is closed.
      ...(strict && { strict, parameters: CLOSED }),
    })),
    word.map((name): Tool => ({ kind: 'custom', name, format: { type: 'text' } })),
  ),
  { maxLength: 3, selector: (tool) => ('name' in tool ? tool.name : '') },
)

const set = <Value>(param: string, value: fc.Arbitrary<Value>) => value.map((own) => ({ value: own, param }))
const settings: fc.Arbitrary<Settings> = fc.record(
  {
    max_output_tokens: set('max_completion_tokens', fc.nat()),
    temperature: set('temperature', fc.double({ min: 0, max: 2, noNaN: true })),
    top_p: set('top_p', fc.double({ min: 0, max: 1, noNaN: true })),
    frequency_penalty: set('frequency_penalty', fc.integer({ min: -2, max: 2 })),
    presence_penalty: set('presence_penalty', fc.integer({ min: -2, max: 2 })),
    seed: set('seed', fc.nat()),
    stop: set('stop', fc.array(text, { minLength: 1, maxLength: 4 })),
    choices: set('n', fc.integer({ min: 2, max: 5 })),
    logprobs: set('logprobs', fc.nat(20)),
    logit_bias: set('logit_bias', fc.constant<JsonObject>({ 5: 1 })),
    verbosity: set('verbosity', fc.constantFrom('low', 'high')),
    service_tier: set('service_tier', fc.constantFrom('flex', 'priority')),
    metadata: set('metadata', fc.constant<JsonObject>({ a: 'b' })),
    user: set('safety_identifier', word),
    cache_key: set('prompt_cache_key', word),
    modalities: set('modalities', fc.constant<readonly string[]>(['text', 'audio'])),
    speech: set('audio', fc.constant<JsonObject>({ voice: 'v', format: 'wav' })),
    store: set('store', fc.constant(true)),
  },
  { requiredKeys: [] },
)

const conversations: fc.Arbitrary<Conversation> = fc
  .record({
    turns: fc.array(fc.oneof(heard, shown, told), { minLength: 1, maxLength: 6 }).map((all) => all.flat()),
    tools,
    settings,
    effort: some(fc.constantFrom('none', 'low', 'high', 'xhigh')),
    choice: fc.constantFrom('none', 'required', 'named', 'allowed', undefined),
    parallel: fc.boolean(),
    schema: some(fc.tuple(word, object)),
  })
  .map(({ turns, tools: own, settings: written, effort, choice, parallel, schema }) => ({
    turns,
    tools: own,
    settings: {
      ...written,
      ...(own.length > 0 && parallel && { parallel_tools: { value: false, param: 'parallel_tool_calls' } }),
    },
    rest: [],
    ...(effort !== undefined && { reasoning: { value: { effort }, param: 'reasoning_effort' } }),
    ...choiceOf(own, choice),
    ...(schema && {
      output: { value: { kind: 'schema', name: schema[0], schema: schema[1] }, param: 'response_format' } as const,
    }),
  }))

function choiceOf(
  own: readonly Tool[],
  kind: 'none' | 'required' | 'named' | 'allowed' | undefined,
): Pick<Conversation, 'toolChoice'> {
  const names = own.flatMap((tool) => ('name' in tool ? [tool.name] : []))
  const [name] = names
  if (name === undefined || kind === undefined) return {}
  const param = 'tool_choice'
  if (kind === 'named') return { toolChoice: { value: { kind, name }, param } }
  if (kind === 'allowed') return { toolChoice: { value: { kind, mode: 'required', names }, param } }
  return { toolChoice: { value: { kind }, param } }
}

test('what is sent means what was asked, and warns of nothing', () => {
  fc.assert(
    fc.property(conversations, fc.boolean(), (conversation, stream) => {
      const honoured = honour(conversation, codec, 'm')
      expect([honoured.warnings, honoured.refusals]).toEqual([[], []])
      const account = { id: 'a', baseUrl: 'https://host.test/v1', headers: {} }
      const { upstream, warnings } = codec.encode({ conversation: honoured.conversation, model: 'm', account, stream })
      const body = parseJson(upstream.body ?? '')
      if (!isObject(body)) throw new TypeError('no object')
      expect(warnings).toEqual([])
      expect(toConversation(makeRequest(body))).toEqual(conversation)
    }),
    { numRuns: 300 },
  )
})
