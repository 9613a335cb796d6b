import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Conversation, Part, Turn } from '#src/core/conversation.ts'
import {
  CLAUDE,
  NOVA,
  LLAMA,
  MISTRAL,
  set,
  user,
  assistant,
  turn,
  call,
  result,
  text,
  settings,
  encode,
  bodyOf,
  messagesOf,
} from './testing.ts'
import { toolIdFor } from './tool-id.ts'

describe('turns', () => {
  test('spaces at the very end are taken off, and that is told', () => {
    expect(encode(CLAUDE, { turns: [user('a'), assistant('b ')] }).warnings).toEqual([
      'spaces at the end of the last message were not sent: the provider refuses them',
    ])
    expect(encode(CLAUDE, { turns: [user('a'), assistant('b')] }).warnings).toEqual([])
  })

  test('a mark inside a result stands behind it', () => {
    const told = result('c1', { type: 'text', text: 'r', cache: { ttl: '1h' } })
    expect(messagesOf({ turns: [user('a'), assistant(call('c1')), turn('tool', [told])] })).toMatchObject([
      {},
      {},
      { content: [{ toolResult: {} }, { cachePoint: { type: 'default', ttl: '1h' } }] },
    ])
  })

  test('the two sides alternate, results stand first, system text in front is `system`', () => {
    const turns: Turn[] = [
      turn('system', ['be', '  ', 'kind']),
      turn('developer', ['always']),
      user('one'),
      user('two', ''),
      assistant('a', call('c1'), call('c2', 'g', '')),
      turn('tool', [result('c1', text('r1'))]),
      turn('tool', [result('c2')]),
      turn('system', ['later']),
      user('안녕 🙂'),
    ]
    expect(bodyOf(CLAUDE, { turns, tools: [{ kind: 'function', name: 'f' }] })).toMatchObject({
      system: [{ text: 'be' }, { text: 'kind' }, { text: 'always' }],
      messages: [
        { role: 'user', content: [{ text: 'one' }, { text: 'two' }] },
        {
          role: 'assistant',
          content: [
            { text: 'a' },
            { toolUse: { toolUseId: 'c1', name: 'f', input: { a: 1 } } },
            { toolUse: { toolUseId: 'c2', name: 'g', input: {} } },
          ],
        },
        {
          role: 'user',
          content: [
            { toolResult: { toolUseId: 'c1', content: [{ text: 'r1' }] } },
            { toolResult: { toolUseId: 'c2', content: [] } },
            { text: '<system>\nlater\n</system>' },
            { text: '안녕 🙂' },
          ],
        },
      ],
    })
  })

  test('what the model is to go on from does not end in white space', () => {
    expect(messagesOf({ turns: [user('hi'), assistant('a', 'So \n')] })).toMatchObject([
      {},
      { role: 'assistant', content: [{ text: 'a' }, { text: 'So' }] },
    ])
  })

  test('media by their formats, known by their bytes where nobody says', () => {
    const data = (mediaType: string, value = 'AAAA') => ({ kind: 'data', mediaType, data: value }) as const
    const parts: Part[] = [
      text('look'),
      { type: 'image', source: data('image/jpg') },
      { type: 'image', source: data('', 'iVBORw0KGgoAAA') },
      { type: 'image', source: data('image/tiff') },
      { type: 'audio', source: data('audio/mpeg') },
      { type: 'video', source: data('video/3gpp') },
      { type: 'document', source: data('application/pdf'), name: '분기보고서 (final).pdf' },
      { type: 'document', source: data('text/markdown; charset=utf-8') },
      { type: 'document', source: { kind: 'text', text: '한글' } },
    ]
    const { body, warnings } = encode(CLAUDE, { turns: [user(...parts)] })
    const source = { bytes: 'AAAA' }
    expect(body['messages']).toEqual([
      {
        role: 'user',
        content: [
          { text: 'look' },
          { image: { format: 'jpeg', source } },
          { image: { format: 'png', source: { bytes: 'iVBORw0KGgoAAA' } } },
          { image: { format: 'tiff', source } },
          { audio: { format: 'mp3', source } },
          { video: { format: 'three_gp', source } },
          { document: { format: 'pdf', name: '(final) pdf', source } },
          { document: { format: 'md', name: 'document', source } },
          {
            document: { format: 'txt', name: 'document-2', source: { bytes: Buffer.from('한글').toString('base64') } },
          },
        ],
      },
    ])
    expect(warnings).toEqual(['the name of a file was sent as `(final) pdf`: the provider takes no other'])
  })

  test('a file gets text beside it, which the API demands', () => {
    const file: Part = { type: 'document', source: { kind: 'text', text: 'x' } }
    const { body, warnings } = encode(CLAUDE, { turns: [user(file)] })
    expect(body['messages']).toMatchObject([{ content: [{}, { text: 'See the attached file.' }] }])
    expect(warnings).toHaveLength(1)
  })

  test('what stands at other addresses is refused: the API does not fetch', () => {
    const url = { kind: 'url', url: 'https://x/y.png' } as const
    expect(encode(CLAUDE, { turns: [user({ type: 'image', source: url })] }).refused).toEqual(['image_url'])
  })

  test('results: pictures, and failures in the form that the model knows', () => {
    const image: Part = { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AA' } }
    const failed: Part = { type: 'tool-result', id: 'c', parts: [text('no'), image], failed: true }
    const turns = [user('x'), assistant(call('c')), turn('tool', [failed])]
    const content = [{ text: 'no' }, { image: { format: 'png', source: { bytes: 'AA' } } }]
    expect(messagesOf({ turns })).toMatchObject([{}, {}, { content: [{ toolResult: { content, status: 'error' } }] }])
    const told = messagesOf({ turns }, LLAMA)
    expect(told).toMatchObject([
      {},
      {},
      { content: [{ toolResult: { content: [{ text: 'The tool failed:' }, ...content] } }] },
    ])
    expect(JSON.stringify(told)).not.toContain('status')
  })

  test('thoughts go back with Bedrock`s own signature, or not at all', () => {
    const own = { vendor: 'aws-bedrock', value: 'sig' }
    const turns = [
      user('x'),
      assistant(
        { type: 'reasoning', text: 'hm', signature: own },
        { type: 'reasoning', redacted: true, signature: own },
        { type: 'reasoning', text: 'unsigned' },
        { type: 'reasoning', text: 'foreign', signature: { vendor: 'anthropic', value: 'other' } },
        'so',
      ),
      user('y'),
    ]
    const { body, warnings, dropped } = encode(CLAUDE, { turns })
    expect(body['messages']).toMatchObject([
      {},
      {
        content: [
          { reasoningContent: { reasoningText: { text: 'hm', signature: 'sig' } } },
          { reasoningContent: { redactedContent: 'sig' } },
          { text: 'so' },
        ],
      },
      {},
    ])
    expect(warnings).toEqual(['thoughts without their signature were not sent: the provider refuses them'])
    expect(dropped).toHaveLength(1)
  })

  test('sources and blocks of Bedrock`s own go back as they came, others do not', () => {
    const raw = { title: 't', location: { web: { url: 'https://x' } } }
    const cited = (vendor: string): Part => ({ type: 'text', text: 'a', citations: [{ vendor, raw }] })
    const block: Part = {
      type: 'opaque',
      vendor: 'aws-bedrock',
      kind: 'guardContent',
      value: { guardContent: { text: { text: 'q' } } },
    }
    const turns = [user(block), assistant(cited('aws-bedrock'), cited('openai')), user('x')]
    expect(messagesOf({ turns })).toMatchObject([
      { content: [{ guardContent: { text: { text: 'q' } } }] },
      { content: [{ citationsContent: { content: [{ text: 'a' }], citations: [raw] } }, { text: 'a' }] },
      {},
    ])
  })

  test('cache marks stand behind what they mark, where the model takes them', () => {
    const marked: Part = { type: 'text', text: 'long', cache: { ttl: '1h' } }
    const over: Partial<Conversation> = {
      turns: [
        turn('system', [{ type: 'text', text: 's', cache: {} }]),
        user(marked, { type: 'text', text: 'x', cache: { ttl: '30m' } }),
      ],
      tools: [{ kind: 'function', name: 'f', cache: {} }],
    }
    const point = { cachePoint: { type: 'default' } }
    const { body, warnings } = encode(CLAUDE, over)
    expect(body).toMatchObject({
      system: [{ text: 's' }, point],
      messages: [{ content: [{ text: 'long' }, { cachePoint: { type: 'default', ttl: '1h' } }, { text: 'x' }, point] }],
      toolConfig: { tools: [{ toolSpec: { name: 'f' } }, point] },
    })
    expect(warnings).toEqual(["a cache mark of `30m` was sent as the provider's own: it takes `5m` and `1h`"])
    expect(bodyOf(NOVA, over)['toolConfig']).toEqual({
      tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }],
    })
    expect(JSON.stringify(bodyOf(LLAMA, over))).not.toContain('cachePoint')
  })
})

describe('tools', () => {
  const tools: Conversation['tools'] = [
    {
      kind: 'function',
      name: 'f',
      description: 'does f',
      parameters: { type: 'object', properties: { a: {} } },
      strict: true,
    },
    { kind: 'function', name: 'g', description: '' },
  ]
  const specs = [
    {
      toolSpec: {
        name: 'f',
        description: 'does f',
        inputSchema: { json: { type: 'object', properties: { a: {} }, additionalProperties: false } },
        strict: true,
      },
    },
    { toolSpec: { name: 'g', inputSchema: { json: { type: 'object' } } } },
  ]
  const chosen = (choice: NonNullable<Conversation['toolChoice']>['value'], more: Partial<Conversation> = {}) =>
    bodyOf(CLAUDE, { tools, toolChoice: set(choice, 'tool_choice'), ...more })

  test.each([
    [{ kind: 'auto' }, {}],
    [{ kind: 'required' }, { toolChoice: { any: {} } }],
    [{ kind: 'named', name: 'g' }, { toolChoice: { tool: { name: 'g' } } }],
  ] as const)('%j', (choice, more) => {
    expect(chosen(choice)['toolConfig']).toEqual({ tools: specs, ...more })
  })

  test('only those that are allowed are offered', () => {
    const allowed = { kind: 'allowed', mode: 'required', names: ['g'] } as const
    expect(chosen(allowed)['toolConfig']).toEqual({ tools: specs.slice(1), toolChoice: { any: {} } })
    expect(chosen({ ...allowed, mode: 'auto' })['toolConfig']).toEqual({ tools: specs.slice(1) })
  })

  test('none: they are left out, or forbidden where earlier calls need them', () => {
    expect(chosen({ kind: 'none' })).not.toHaveProperty('toolConfig')
    const turns = [user('x'), assistant(call('c')), turn('tool', [result('c', text('r'))])]
    const body = chosen({ kind: 'none' }, { turns })
    expect(body['toolConfig']).toEqual({ tools: specs })
    expect(body['system']).toEqual([{ text: 'Do not call any tool: answer in text.' }])
    // Calls without any tool beside them are refused, so they get stand-ins.
    expect(bodyOf(LLAMA, { turns })).toMatchObject({
      system: [{ text: 'Do not call any tool: answer in text.' }],
      toolConfig: { tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }] },
    })
  })

  test('one at a time, by Claude`s own field', () => {
    const parallel = { settings: settings({ parallel_tools: false }) }
    const single = { disable_parallel_tool_use: true }
    const auto = bodyOf(CLAUDE, { tools, ...parallel })
    expect(auto['toolConfig']).toEqual({ tools: specs })
    expect(auto['additionalModelRequestFields']).toEqual({ tool_choice: { type: 'auto', ...single } })
    const named = chosen({ kind: 'named', name: 'f' }, parallel)
    expect(named['toolConfig']).toEqual({ tools: specs })
    expect(named['additionalModelRequestFields']).toEqual({ tool_choice: { type: 'tool', name: 'f', ...single } })
    expect(encode(NOVA, { tools, ...parallel }).dropped).toContain(
      '`parallel_tools` was not sent: the provider does not take it',
    )
  })

  test('ids of calls are the same for call and result, in letters that the model takes', () => {
    const long = `call:${'x'.repeat(80)}`
    const turns = [user('x'), assistant(call(long)), turn('tool', [result(long, text('r'))])]
    for (const model of [CLAUDE, MISTRAL]) {
      const ids = JSON.stringify(messagesOf({ turns }, model))
        .split('"toolUseId":"')
        .slice(1)
        .map((rest) => rest.split('"')[0] ?? '')
      expect(ids).toHaveLength(2)
      expect(ids[0]).toBe(ids[1])
      expect(ids[0]?.length).toBeLessThanOrEqual(64)
    }
    expect(toolIdFor('tooluse_A-1', 'claude')).toBe('tooluse_A-1')
    expect(toolIdFor('abcdefgh1', 'mistral')).toBe('abcdefgh1')
  })

  test('ids that differ stay different', () => {
    const id = fc.oneof(fc.string({ maxLength: 100 }), fc.string({ unit: fc.constantFrom('a', ':', '.', '_') }))
    fc.assert(
      fc.property(id, id, fc.constantFrom('claude', 'mistral'), (a, b, family) => {
        const made = [toolIdFor(a, family), toolIdFor(b, family)]
        for (const one of made) {
          const most = family === 'mistral' ? one.length === 9 : one.length > 0 && one.length <= 64
          expect(most && [...one].every((char) => /[A-Za-z0-9_-]/u.test(char))).toBe(true)
        }
        expect(made[0] === made[1]).toBe(a === b)
      }),
    )
  })
})
