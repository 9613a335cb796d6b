import { expect, test } from 'vitest'
import type { Conversation, Part } from '#src/core/conversation.ts'
import type { Support } from '#src/core/features.ts'
import { support as claude } from '#providers/anthropic/support.ts'
import { markedConversation } from './cache-marks.ts'

const text = (words: string, more: object = {}): Part => ({ type: 'text', text: words, ...more })
const conversation = (parts: readonly Part[], more: Partial<Conversation> = {}): Conversation => ({
  turns: [{ role: 'user', parts }],
  tools: [],
  settings: {},
  rest: [],
  ...more,
})
const CLAUDE = claude('claude-sonnet-5-5')
const NEITHER: Support = { ...CLAUDE, cache_key: 'dropped', cache_marks: 'dropped' }
const KEY: Support = { ...NEITHER, cache_key: 'carried' }

function marked(given: Conversation, support: Support, key?: string) {
  const call = { promptCache: { ...(key !== undefined && { key }) }, marks: [], warnings: new Set<string>() }
  return { conversation: markedConversation(call, given, support), marks: call.marks }
}

const plain = conversation([text('a'), text('b')])
const named = conversation([text('a')], { settings: { cache_key: { value: 'mine', param: 'prompt_cache_key' } } })

test.each<[string, Conversation, Support, Conversation, readonly string[]]>([
  ['one that takes marks', plain, CLAUDE, conversation([text('a'), text('b', { cache: {} })]), ['cache_control']],
  [
    'one that takes names',
    plain,
    KEY,
    { ...plain, settings: { cache_key: { value: 'k', param: 'prompt_cache_key' } } },
    ['prompt_cache_key'],
  ],
  ['one that takes neither', plain, NEITHER, plain, []],
  ['one that takes names, and the caller has one', named, KEY, named, []],
  [
    'one that takes marks, and the caller has one elsewhere',
    conversation([text('a', { cache: { ttl: '1h' } }), text('b')]),
    CLAUDE,
    conversation([text('a', { cache: { ttl: '1h' } }), text('b')]),
    [],
  ],
])('for %s', (_, given, support, expected, marks) => {
  expect(marked(given, support, 'k')).toEqual({ conversation: expected, marks })
  expect(marked(given, support)).toEqual({ conversation: given, marks: [] })
})
