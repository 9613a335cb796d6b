import { describe, expect, test } from 'vitest'
import type { Conversation, Part, Turn } from '#src/core/conversation.ts'
import { objectAt } from '#src/core/json.ts'
import { sent } from './testing.ts'

const text = (words: string): Part => ({ type: 'text', text: words })
const turn = (role: Turn['role'], ...parts: readonly Part[]): Turn => ({ role, parts })
const user = turn('user', text('안녕'))
const OLD = 'claude-sonnet-4-5-20250929'
const asked = <Value>(value: Value, param = 'x') => ({ value, param })

test.each([
  ['claude-sonnet-5-5', { type: 'auto' }, 1],
  ['claude-haiku-4-5', { type: 'any' }, 0],
] as const)('%s: one of some tools is demanded', (model, choice, warned) => {
  const { body, warnings } = sent(
    {
      tools: [
        { kind: 'function', name: 'f' },
        { kind: 'function', name: 'g' },
      ],
      toolChoice: asked({ kind: 'allowed', mode: 'required', names: ['g'] } as const, 'tool_choice'),
    },
    model,
  )
  expect(body['tools']).toEqual([{ name: 'g', input_schema: { type: 'object' } }])
  expect(body['tool_choice']).toEqual(choice)
  expect(warnings).toHaveLength(warned)
})

describe('thinking', () => {
  const think = (value: object, model: string, more: Partial<Conversation> = {}) => {
    const { body, warnings } = sent({ reasoning: { value, param: 'r' }, ...more }, model)
    return { thinking: body['thinking'], effort: objectAt(body, 'output_config')?.['effort'], warned: warnings.length }
  }

  test.each([
    [{ effort: 'high' }, 'claude-opus-5', { type: 'adaptive' }, 'high', 0],
    [{ effort: 'minimal' }, 'claude-opus-5', { type: 'adaptive' }, 'low', 1],
    [{ effort: 'xhigh' }, 'claude-opus-4-6', { type: 'adaptive' }, 'max', 1],
    [{ effort: 'xhigh', summary: 'auto' }, 'claude-opus-4-7', { type: 'adaptive', display: 'summarized' }, 'xhigh', 0],
    [{ adaptive: true, summary: false }, 'claude-opus-5', { type: 'adaptive', display: 'omitted' }, undefined, 0],
    [{ budget: 2000 }, 'claude-opus-5', { type: 'adaptive' }, 'medium', 1],
    [{ budget: 2000 }, 'claude-sonnet-4-6', { type: 'enabled', budget_tokens: 2000 }, undefined, 0],
    [{ budget: 100 }, OLD, { type: 'enabled', budget_tokens: 1024 }, undefined, 1],
    [{ budget: 9000 }, OLD, { type: 'enabled', budget_tokens: 2976 }, undefined, 1],
    [{ effort: 'low' }, OLD, { type: 'enabled', budget_tokens: 2048 }, undefined, 1],
    [{ effort: 'low' }, 'claude-opus-4-5', { type: 'enabled', budget_tokens: 2048 }, 'low', 1],
    [{ adaptive: true }, OLD, { type: 'enabled', budget_tokens: 2976 }, undefined, 1],
    [{ summary: 'auto' }, OLD, undefined, undefined, 0],
    [{ effort: 'none' }, 'claude-opus-5', { type: 'disabled' }, undefined, 0],
    [{ budget: 0 }, OLD, { type: 'disabled' }, undefined, 0],
    [{ effort: 'none' }, 'claude-opus-5-5', undefined, 'low', 1],
    [{ effort: 'none' }, 'claude-sonnet-5-5', { type: 'between_tools' }, 'low', 1],
  ])('%j to %s', (value, model, thinking, effort, warned) => {
    expect(think(value, model)).toEqual({ thinking, effort, warned })
  })

  test('no thoughts are asked for beside a call that is demanded', () => {
    const tools = [{ kind: 'function', name: 'f' }] as const
    const toolChoice = asked({ kind: 'required' } as const, 'tool_choice')
    const forced = think({ effort: 'high' }, 'claude-sonnet-4-6', { tools, toolChoice })
    expect(forced).toEqual({ thinking: undefined, effort: 'high', warned: 1 })
    // It is asked for the call in words, so that it may think.
    const asking = think({ effort: 'high' }, 'claude-sonnet-5-5', { tools, toolChoice })
    expect(asking).toEqual({ thinking: { type: 'adaptive' }, effort: 'high', warned: 1 })
  })

  test('a budget is left out where the API would refuse it', () => {
    const tools = [{ kind: 'function', name: 'f' }] as const
    const forced = think({ budget: 2000 }, OLD, { tools, toolChoice: asked({ kind: 'required' } as const) })
    expect(forced).toEqual({ thinking: undefined, effort: undefined, warned: 1 })
    const tight = think({ budget: 2000 }, OLD, { settings: { max_output_tokens: asked(1000) } })
    expect(tight).toEqual({ thinking: undefined, effort: undefined, warned: 1 })
    const loop = (signed: boolean) => [
      user,
      turn(
        'assistant',
        ...(signed ? [{ type: 'reasoning', text: 't', signature: { vendor: 'anthropic', value: 's' } } as const] : []),
        { type: 'tool-call', id: 'a', name: 'f', input: '{}' },
      ),
      turn('tool', { type: 'tool-result', id: 'a', parts: [] }),
    ]
    expect(think({ budget: 2000 }, OLD, { turns: loop(false) })).toMatchObject({ thinking: undefined, warned: 1 })
    expect(think({ budget: 2000 }, OLD, { turns: loop(true) })).toMatchObject({
      thinking: { type: 'enabled' },
      warned: 0,
    })
  })

  test('beside thoughts there is no sampling', () => {
    const settings = { max_output_tokens: asked(4000), temperature: asked(0.3, 'temperature') }
    const { body, warnings } = sent({ settings, reasoning: { value: { budget: 2000 }, param: 'r' } }, OLD)
    expect(body).not.toHaveProperty('temperature')
    expect(warnings).toEqual([expect.stringContaining('`temperature`')])
  })
})

describe('the form of the answer', () => {
  const schema = {
    type: 'object',
    properties: {
      n: { type: 'integer', minimum: 1, description: 'd' },
      s: { oneOf: [{ type: 'string', format: 'regex' }, { type: 'null' }] },
    },
    required: ['n'],
  }

  test('a schema is sent as the API knows it; what it does not know is said in words', () => {
    const { body, warnings } = sent({
      output: asked({ kind: 'schema', schema, strict: true } as const, 'response_format'),
    })
    expect(body['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: {
            n: { type: 'integer', description: 'd\n\n{minimum: 1}' },
            s: { anyOf: [{ type: 'string', description: '{format: "regex"}' }, { type: 'null' }] },
          },
          required: ['n'],
          additionalProperties: false,
        },
      },
    })
    expect(warnings).toEqual([expect.stringContaining('`response_format`')])
  })

  test('a schema that the API knows stays as it is', () => {
    const strict = {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'string' }, minItems: 1 } },
      required: ['a'],
      additionalProperties: false,
    }
    const { body, warnings } = sent({ output: asked({ kind: 'schema', schema: strict } as const) })
    expect(objectAt(objectAt(body, 'output_config'), 'format')?.['schema']).toEqual(strict)
    expect(warnings).toEqual([])
  })

  test('where the model knows none it is asked for in words, as any JSON is', () => {
    const system = (value: Conversation['output'], model: string) =>
      JSON.stringify(
        sent({ ...(value && { output: value }), turns: [turn('system', text('a')), user] }, model).body['system'],
      )
    expect(system(asked({ kind: 'schema', schema }), 'claude-sonnet-4-20250514')).toContain('minimum')
    expect(system(asked({ kind: 'json' }), 'claude-opus-5')).toContain('one JSON object')
    expect(system(undefined, 'claude-opus-5')).toBe('[{"type":"text","text":"a"}]')
  })
})

describe('tools', () => {
  const tools = [
    { kind: 'function', name: 'f', description: 'd', parameters: { properties: { a: { type: 'string' } } }, cache: {} },
    { kind: 'function', name: 'g' },
    { kind: 'server', vendor: 'anthropic', value: { type: 'memory_20250818', name: 'memory' } },
  ] as const

  test('every kind has its place', () => {
    expect(sent({ tools }).body['tools']).toEqual([
      {
        name: 'f',
        description: 'd',
        input_schema: { type: 'object', properties: { a: { type: 'string' } } },
        cache_control: { type: 'ephemeral' },
      },
      { name: 'g', input_schema: { type: 'object' } },
      { type: 'memory_20250818', name: 'memory' },
    ])
  })

  test.each([
    [{ kind: 'required' }, false, 'claude-opus-5', { type: 'any', disable_parallel_tool_use: true }],
    [{ kind: 'none' }, false, 'claude-opus-5', { type: 'none' }],
    [{ kind: 'named', name: 'g' }, undefined, 'claude-opus-5', { type: 'tool', name: 'g' }],
    [undefined, false, 'claude-opus-5', { type: 'auto', disable_parallel_tool_use: true }],
    [undefined, undefined, 'claude-opus-5', undefined],
    [{ kind: 'allowed', mode: 'required', names: ['g'] }, undefined, 'claude-opus-5', { type: 'any' }],
    [{ kind: 'named', name: 'g' }, undefined, 'claude-opus-5-5', { type: 'auto' }],
  ] as const)('%j and parallel %j on %s', (choice, parallel, model, expected) => {
    const settings = { ...(parallel !== undefined && { parallel_tools: asked(parallel) }) }
    const { body } = sent({ tools, settings, ...(choice && { toolChoice: asked(choice) }) }, model)
    expect(body['tool_choice']).toEqual(expected)
  })

  test('only what may be called is offered, and a demand that cannot be made is put into words', () => {
    const allowed = sent({ tools, toolChoice: asked({ kind: 'allowed', mode: 'auto', names: ['g'] } as const) })
    expect(allowed.body['tools']).toMatchObject([{ name: 'g' }])
    const named = sent(
      { tools, toolChoice: asked({ kind: 'named', name: 'g' } as const, 'tool_choice') },
      'claude-fable-5-2',
    )
    expect(named.body).toMatchObject({
      tools: [{ name: 'g' }],
      system: [{ text: expect.stringContaining('the tool g') }],
    })
    expect(named.warnings).toEqual([expect.stringContaining('`tool_choice`')])
  })

  test('tools that several vendors run', () => {
    const search = {
      kind: 'server',
      vendor: 'openai',
      common: 'web_search',
      value: {
        type: 'web_search',
        search_context_size: 'low',
        user_location: { type: 'approximate', country: 'KR' },
        filters: { allowed_domains: ['a.kr'] },
      },
    } as const
    const { body, warnings } = sent({ tools: [search] })
    expect(body['tools']).toEqual([
      {
        type: 'web_search_20250305',
        name: 'web_search',
        user_location: { type: 'approximate', country: 'KR' },
        allowed_domains: ['a.kr'],
      },
    ])
    expect(warnings).toEqual([expect.stringContaining('`search_context_size`')])
  })
})

test.each([
  [{ type: 'web_search', search_context_size: 'low', filters: { allowed_domains: ['a.kr'] } }, 'openai', 1],
  [{ googleSearch: {} }, 'google', 0],
  [{ type: 'web_search_20260209', name: 'web_search', max_uses: 3 }, 'anthropic', 0],
])('a search that is asked for as %j', (value, vendor, warned) => {
  const { body, warnings } = sent({ tools: [{ kind: 'server', vendor, common: 'web_search', value }] })
  const plain = { type: 'web_search_20250305', name: 'web_search' }
  const wanted =
    vendor === 'anthropic' ? value : { ...plain, ...(vendor === 'openai' && { allowed_domains: ['a.kr'] }) }
  expect(body['tools']).toEqual([wanted])
  expect(warnings).toHaveLength(warned)
})
