import { expect, test } from 'vitest'
import type { Part, Turn } from '#src/core/conversation.ts'
import { arrayAt } from '#src/core/json.ts'
import { result, sendBy, text, toolCall, turn, user } from '../../test/support/conversations.ts'
import { geminiCodec } from './codec.ts'

const contents = (turns: readonly Turn[], model: string) =>
  arrayAt(sendBy(geminiCodec, { turns }, { model }).body, 'contents') ?? []

test.each(['gemini-2.5-flash', 'gemini-3-flash'])('a file that is text is text in a result: %s', (model) => {
  const memo: Part = { type: 'document', name: 'memo', source: { kind: 'text', text: '메모' } }
  const [, told] = contents([user('a'), turn('tool', [result('c', text('so'), memo)])], model)
  expect(told).toEqual({
    role: 'user',
    parts: [{ functionResponse: expect.objectContaining({ response: { output: 'so\n\nmemo:\n메모' } }) }],
  })
})

test('an id that comes again is of the call before it', () => {
  const step = (name: string): readonly Turn[] => [
    turn('assistant', [toolCall('call_0', name)]),
    turn('tool', [result('call_0', text(name))]),
  ]
  const [, , first, , second] = contents([user('a'), ...step('f'), ...step('g')], 'gemini-2.5-flash')
  expect([first, second]).toMatchObject(['f', 'g'].map((name) => ({ parts: [{ functionResponse: { name } }] })))
})

test.each([
  ['{"id":1234567890123456789}', { output: '{"id":1234567890123456789}' }],
  ['{"x":0.1234567890123456789}', { output: '{"x":0.1234567890123456789}' }],
  ['{"id":"1234567890123456789","n":[1,2.5]}', { id: '1234567890123456789', n: [1, 2.5] }],
  ['{"a\\"1234567890123456789":1}', { 'a"1234567890123456789': 1 }],
])('numbers in the result %s arrive as they are', (json, response) => {
  const [, told] = contents([user('a'), turn('tool', [result('c', text(json))])], 'gemini-2.5-flash')
  expect(told).toMatchObject({ parts: [{ functionResponse: { response } }] })
})
