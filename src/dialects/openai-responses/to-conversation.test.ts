import { expect, test } from 'vitest'
import type { Json } from '#src/core/json.ts'
import { read } from './read.ts'
import { toConversation } from './to-conversation.ts'

const turnsOf = (...input: readonly Json[]) =>
  toConversation(read(JSON.stringify({ model: 'm', input }), { id: 'r', tags: [], metadata: {} })).turns.map(
    ({ role, parts }) => [role, ...parts.map((part) => ('id' in part ? part.id : 'text' in part && part.text))],
  )
const user = (content: string) => ({ role: 'user', content })
const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' })
const output = (id: string) => ({ type: 'function_call_output', call_id: id, output: id })

test('a result stands right behind its call, wherever it came', () => {
  expect(turnsOf(user('a'), call('c1'), call('c2'), output('c2'), user('b'), output('c1'))).toEqual([
    ['user', 'a'],
    ['assistant', 'c1', 'c2'],
    ['tool', 'c2', 'c1'],
    ['user', 'b'],
  ])
  expect(turnsOf(call('c1'), user('b'), output('c1'))).toEqual([
    ['assistant', 'c1'],
    ['tool', 'c1'],
    ['user', 'b'],
  ])
})

test('of calls that share an id the last one is answered; a result without a call stays where it is', () => {
  expect(turnsOf(call('c'), output('c'), user('b'), call('c'), output('c'), user('d'), output('x'))).toEqual([
    ['assistant', 'c'],
    ['tool', 'c'],
    ['user', 'b'],
    ['assistant', 'c'],
    ['tool', 'c'],
    ['user', 'd'],
    ['tool', 'x'],
  ])
})
