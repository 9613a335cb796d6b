import { describe, expect, test } from 'vitest'
import type { Conversation } from '#src/core/conversation.ts'
import { converseCodec } from './codec.ts'
import {
  CLAUDE,
  CLAUDE_37,
  CLAUDE_NEW,
  CLAUDE_46,
  NOVA,
  LLAMA,
  GPT,
  MISTRAL,
  ACCOUNT,
  set,
  user,
  turn,
  settings,
  encode,
  bodyOf,
} from './testing.ts'

describe('the request', () => {
  test('goes to the model`s own path, to be signed', () => {
    const { upstream, body } = encode(CLAUDE, {})
    expect(upstream).toMatchObject({
      method: 'POST',
      url: `${ACCOUNT.baseUrl}/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse`,
      headers: { 'content-type': 'application/json', accept: 'application/json', 'x-own': '1' },
      auth: {
        kind: 'aws-sigv4',
        service: 'bedrock',
        region: 'ap-northeast-2',
        accessKeyId: 'AK',
        secretAccessKey: 'SK',
        sessionToken: 'ST',
      },
    })
    expect(body).toEqual({ messages: [{ role: 'user', content: [{ text: 'hi' }] }] })
  })

  test('of a stream asks for one', () => {
    const { upstream } = encode(CLAUDE, {}, true)
    expect(upstream.url.endsWith('/converse-stream')).toBe(true)
    expect(upstream.headers['accept']).toBe('application/vnd.amazon.eventstream')
  })

  test('with a key it needs no signature', () => {
    const account = { ...ACCOUNT, apiKey: 'bedrock-key' }
    const { upstream } = converseCodec.encode({
      conversation: { turns: [user('hi')], tools: [], settings: {}, rest: [] },
      model: CLAUDE,
      account,
      stream: false,
    })
    expect(upstream.headers['authorization']).toBe('Bearer bedrock-key')
    expect(upstream.auth).toBeUndefined()
    expect(upstream.body).not.toContain('bedrock-key')
  })

  test('an ARN is one part of the path', () => {
    const { upstream } = encode('arn:aws:bedrock:us-east-1:1:inference-profile/us.x/../y', {})
    expect(new URL(upstream.url).pathname.split('/')).toHaveLength(4)
  })
})

describe('settings', () => {
  test('in Converse`s own places', () => {
    const values = settings({
      max_output_tokens: 100,
      temperature: 1.4,
      stop: ['A', ' '],
      service_tier: 'priority',
      metadata: { team: 'a b', long: 'x'.repeat(300), 'bad"key': 'x', number: 5 },
    })
    const { body, warnings } = encode(CLAUDE, { settings: values })
    expect(body).toMatchObject({
      inferenceConfig: { maxTokens: 100, temperature: 1, stopSequences: ['A'] },
      serviceTier: { type: 'priority' },
      requestMetadata: { team: 'a b' },
      additionalModelResponseFieldPaths: ['/delta/stop_sequence'],
    })
    expect(warnings).toEqual([
      'blank texts of `stop` were not sent: the provider refuses them',
      "`temperature` was lowered to 1, the provider's highest",
      'entries of `metadata` were not sent: the provider takes 16 short texts of plain letters',
    ])
  })

  test.each([
    [CLAUDE, { top_k: 5 }],
    [NOVA, { inferenceConfig: { topK: 5 } }],
    [MISTRAL, { top_k: 5 }],
    ['cohere.command-r-v1:0', { k: 5 }],
    [LLAMA, undefined],
    [CLAUDE_NEW, undefined],
  ])('%s: `top_k` stands among the model`s own fields', (model, fields) => {
    const { body, dropped } = encode(model, { settings: settings({ top_k: 5 }) })
    expect(body['additionalModelRequestFields']).toEqual(fields)
    expect(dropped).toHaveLength(fields ? 0 : 1)
  })

  test('Claude takes one kind of sampling, and none after 4.6', () => {
    const values = settings({ temperature: 0.5, top_p: 0.9 })
    const { body, warnings } = encode(CLAUDE, { settings: values })
    expect(body['inferenceConfig']).toEqual({ temperature: 0.5 })
    expect(warnings).toEqual(['`top_p` was not sent: the model takes it or `temperature`'])
    expect(bodyOf(NOVA, { settings: values })['inferenceConfig']).toEqual({ temperature: 0.5, topP: 0.9 })
    expect(bodyOf(CLAUDE_NEW, { settings: values })).not.toHaveProperty('inferenceConfig')
  })

  test.each([
    ['auto', undefined, 0],
    ['standard_only', { type: 'default' }, 0],
    ['turbo', undefined, 1],
  ])('the tier `%s`', (tier, sent, told) => {
    const { body, warnings } = encode(CLAUDE, { settings: settings({ service_tier: tier }) })
    expect(body['serviceTier']).toEqual(sent)
    expect(warnings).toHaveLength(told)
  })

  test.each([['choices'], ['logprobs'], ['modalities'], ['speech']])('`%s` is refused', (name) => {
    expect(encode(CLAUDE, { settings: { [name]: set(2) } }).refused).toEqual([name])
  })
})

describe('reasoning', () => {
  const thinks = (
    model: string,
    value: NonNullable<Conversation['reasoning']>['value'],
    more: Partial<Conversation> = {},
  ) => {
    const { body, warnings, dropped } = encode(model, { reasoning: set(value, 'reasoning_effort'), ...more })
    return { fields: body['additionalModelRequestFields'], config: body['inferenceConfig'], warnings, dropped }
  }
  const enabled = (tokens: number) => ({ thinking: { type: 'enabled', budget_tokens: tokens } })

  test.each([
    [CLAUDE_NEW, { effort: 'high' }, { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }, 0],
    [CLAUDE_NEW, { effort: 'minimal' }, { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }, 1],
    [CLAUDE_NEW, { effort: 'none' }, { thinking: { type: 'disabled' } }, 0],
    [CLAUDE_NEW, { budget: 5000 }, { thinking: { type: 'adaptive' } }, 1],
    [CLAUDE_NEW, { adaptive: true, summary: 'auto' }, { thinking: { type: 'adaptive', display: 'summarized' } }, 0],
    [CLAUDE_46, { budget: 5000 }, enabled(5000), 0],
    [CLAUDE_37, { budget: 5000, summary: 'auto' }, enabled(5000), 0],
    [CLAUDE_37, { effort: 'high' }, enabled(16_384), 1],
    [CLAUDE_37, { effort: 'none' }, undefined, 0],
    [NOVA, { effort: 'high' }, { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } }, 0],
    [NOVA, { effort: 'max' }, { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } }, 1],
    [NOVA, { effort: 'none' }, undefined, 0],
    [GPT, { effort: 'low' }, { reasoning_effort: 'low' }, 0],
    [LLAMA, { effort: 'low' }, undefined, 0],
    ['anthropic.claude-3-haiku-20240307-v1:0', { effort: 'low' }, undefined, 0],
    ['amazon.nova-pro-v1:0', { effort: 'low' }, undefined, 0],
    ['us.openai.gpt-5.6', { effort: 'low' }, undefined, 0],
  ] as const)('%s %j', (model, value, fields, told) => {
    const { fields: sent, warnings } = thinks(model, value)
    expect(sent).toEqual(fields)
    expect(warnings).toHaveLength(told)
  })

  test('a budget leaves room for the answer, or there are no thoughts', () => {
    const limit = (tokens: number) => ({ settings: settings({ max_output_tokens: tokens, temperature: 0.5 }) })
    expect(thinks(CLAUDE_37, { budget: 5000 }, limit(4000))).toMatchObject({
      fields: enabled(2976),
      config: { maxTokens: 4000 },
      warnings: [
        '`reasoning_effort` was sent as a budget of 2976 tokens',
        '`temperature` was not sent: the model does not take it while it thinks',
      ],
    })
    expect(thinks(CLAUDE_37, { budget: 5000 }, limit(1100)).fields).toEqual(enabled(1024))
    expect(thinks(CLAUDE_37, { budget: 5000 }, limit(1024))).toMatchObject({
      fields: undefined,
      config: { maxTokens: 1024, temperature: 0.5 },
      warnings: ['`reasoning_effort` was not sent: there is no room for thoughts within `max_output_tokens`'],
    })
  })

  test('a call that must be made comes without thoughts', () => {
    const forced = { toolChoice: set({ kind: 'required' } as const), tools: [{ kind: 'function', name: 'f' } as const] }
    expect(thinks(CLAUDE, { effort: 'low' }, forced).warnings).toEqual([
      '`reasoning_effort` was not sent: the model does not think where it must call a tool',
    ])
  })

  test('Nova`s highest effort takes no limit beside it', () => {
    const { fields, warnings } = thinks(NOVA, { effort: 'high' }, { settings: settings({ max_output_tokens: 100 }) })
    expect(fields).toEqual({ reasoningConfig: { type: 'enabled', maxReasoningEffort: 'medium' } })
    expect(warnings).toHaveLength(1)
  })
})

describe('the form of the answer', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false }
  const output = set({ kind: 'schema', schema, name: 'n', description: 'd' } as const, 'response_format')

  test('a schema, where the model takes one', () => {
    expect(bodyOf(CLAUDE, { output })['outputConfig']).toEqual({
      textFormat: {
        type: 'json_schema',
        structure: { jsonSchema: { schema: JSON.stringify(schema), name: 'n', description: 'd' } },
      },
    })
  })

  test('a schema in words, where it does not, which is told', () => {
    const { body, warnings } = encode(LLAMA, { output, turns: [turn('system', ['s']), user('x')] })
    expect(body).not.toHaveProperty('outputConfig')
    const described = JSON.stringify({ ...schema, description: 'd' })
    expect(JSON.stringify(body['system'])).toContain(JSON.stringify(described).slice(1, -1))
    expect(warnings).toEqual(['`response_format` was asked for in words: the model takes no schema'])
  })

  test('JSON in words', () => {
    const { body, warnings } = encode(CLAUDE, { output: set({ kind: 'json' } as const) })
    expect(JSON.stringify(body['system'])).toContain('one JSON object')
    expect(warnings).toEqual([])
  })
})
