import { describe, expect, test } from 'vitest'
import { collect } from '#src/core/collect.ts'
import type { Json, JsonObject } from '#src/core/json.ts'
import { call, calls, chunk, decodeEvents, end, events, partsOf, stream } from './chat-testing.ts'

describe('calls of tools', () => {
  const fn = (name: string | undefined, args: Json) => ({
    function: { ...(name !== undefined && { name }), arguments: args },
  })
  test.each<[string, readonly JsonObject[], readonly object[]]>([
    [
      'id and name first, input in pieces, two in turns',
      [
        calls({ index: 0, id: 'a', ...fn('f', '') }),
        calls({ index: 1, id: 'b', ...fn('g', '{"x"') }),
        calls({ index: 0, ...fn(undefined, '{"y":1}') }, { index: 1, ...fn(undefined, ':2}') }),
      ],
      [call('a', 'f', '{"y":1}'), call('b', 'g', '{"x":2}')],
    ],
    [
      'several whole ones in one delta without index',
      [calls({ id: 'a', ...fn('f', '{}') }, { id: 'b', ...fn('g', '{"a":1}') })],
      [call('a', 'f', '{}'), call('b', 'g', '{"a":1}')],
    ],
    [
      'without index, going on',
      [calls({ id: 'a', ...fn('f', '{') }), calls(fn(undefined, '}')), calls({ id: 'b', ...fn('f', '{}') })],
      [call('a', 'f', '{}'), call('b', 'f', '{}')],
    ],
    [
      'no id at all',
      [calls({ index: 0, ...fn('f', '{}') }), calls({ index: 1, ...fn('g', '{}') })],
      [call('call_x_0', 'f', '{}'), call('call_x_1', 'g', '{}')],
    ],
    [
      'id in every piece',
      [calls({ index: 0, id: 'a', ...fn('f', '{') }), calls({ index: 0, id: 'a', ...fn('f', '}') })],
      [call('a', 'f', '{}')],
    ],
    [
      'without index and ids, one tool twice',
      [calls(fn('f', '{}'), fn('f', '{"a":1}'))],
      [call('call_x_0', 'f', '{}'), call('call_x_1', 'f', '{"a":1}')],
    ],
    [
      'all of index 0',
      [
        calls({ index: 0, id: 'a', ...fn('f', '{}') }),
        calls({ index: 0, id: 'b', ...fn('g', '{') }),
        calls({ index: 0, ...fn(undefined, '}') }),
      ],
      [call('a', 'f', '{}'), call('b', 'g', '{}')],
    ],
    [
      'all of index 0, no ids',
      [calls({ index: 0, ...fn('f', '{}') }), calls({ index: 0, ...fn('g', '{"a":1}') })],
      [call('call_x_0', 'f', '{}'), call('call_x_1', 'g', '{"a":1}')],
    ],
    [
      'a name that comes late',
      [calls({ index: 0, id: 'a', ...fn(undefined, '{"x"') }), calls({ index: 0, ...fn('f', ':1}') })],
      [call('a', 'f', '{"x":1}')],
    ],
    [
      'an id that comes late',
      [calls({ index: 0, ...fn('f', '{') }), calls({ index: 0, id: 'a', ...fn(undefined, '}') })],
      [call('call_x_0', 'f', '{}')],
    ],
    ['input as an object', [calls({ index: 0, id: 'a', ...fn('f', { x: '가' }) })], [call('a', 'f', '{"x":"가"}')]],
    ['no input', [calls({ index: 0, id: 'a', function: { name: 'f' } })], [call('a', 'f', '{}')]],
    ['the word null', [calls({ index: 0, id: 'a', ...fn('f', 'null') })], [call('a', 'f', '{}')]],
    [
      'null, then input',
      [calls({ index: 0, id: 'a', ...fn('f', null) }), calls({ index: 0, ...fn(undefined, '{"a":1}') })],
      [call('a', 'f', '{"a":1}')],
    ],
    [
      'a custom one',
      [calls({ index: 0, id: 'a', type: 'custom', custom: { name: 'f', input: 'null' } })],
      [{ ...call('a', 'f', 'null'), custom: true }],
    ],
    [
      'the older form',
      [chunk({ function_call: { name: 'f', arguments: '{' } }), chunk({ function_call: { arguments: '}' } })],
      [call('call_x_0', 'f', '{}')],
    ],
    ['an empty one is none', [chunk({ tool_calls: [], function_call: { name: '', arguments: '' } })], []],
  ])('%s', (_what, chunks, expected) => {
    expect(partsOf(stream(...chunks, end('tool_calls')))).toEqual(expected)
  })

  test('a finish reason behind each call is no end while calls follow', () => {
    const steps = stream(
      chunk({ tool_calls: [{ index: 0, id: 'a', ...fn('f', '{}') }] }, { finish_reason: 'tool_calls' }),
      chunk({ tool_calls: [{ index: 1, id: 'b', ...fn('g', '{}') }] }, { finish_reason: 'tool_calls' }),
      { id: 'i', choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } },
    )
    expect(partsOf(steps)).toEqual([call('a', 'f', '{}'), call('b', 'g', '{}')])
    expect(steps.filter(({ type }) => type === 'finish')).toHaveLength(1)
    expect(steps.slice(-3).map(({ type }) => type)).toEqual(['finish', 'usage', 'end'])
  })

  test('an end that was held back is told where the body ends without a word', () => {
    const steps = decodeEvents(events(calls({ index: 0, id: 'a', ...fn('f', '{}') }), end('tool_calls')).slice(0, -1))
    expect(steps.slice(-2)).toEqual([
      { type: 'part-end', choice: 0, index: 0 },
      { type: 'finish', choice: 0, finish: { unified: 'tool_calls', raw: 'tool_calls' } },
    ])
  })

  test('stop with calls is an end for tools, and thoughts of Gemini stay with their call', () => {
    const google = { google: { thought_signature: 's' } }
    const steps = stream(calls({ index: 0, id: 'a', ...fn('f', '{}'), extra_content: google }), end('stop'))
    expect(collect(steps).choices[0]).toEqual({
      index: 0,
      parts: [{ ...call('a', 'f', '{}'), signature: { vendor: 'google', value: 's' } }],
      finish: { unified: 'tool_calls', raw: 'stop' },
    })
  })
})
