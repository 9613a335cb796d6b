import { describe, expect, test } from 'vitest'
import type { Endpoint } from '#src/core/endpoint.ts'
import type { JsonObject } from '#src/core/json.ts'
import { threadOf } from '#src/core/thread.ts'
import { dialects } from '#src/dialects/registry.ts'

/** A request, what it goes on with, and all that is read before its turns. */
const CONVERSATIONS: readonly [Endpoint, string, JsonObject, readonly JsonObject[]][] = [
  ['chat', 'messages', { role: 'user', content: 'a' }, [{ tools: [{}] }, { functions: [{}] }]],
  ['responses', 'input', { role: 'user', content: 'a' }, [{ tools: [{}] }, { instructions: 'b' }]],
  ['messages', 'messages', { role: 'user', content: 'a' }, [{ tools: [{}] }, { system: 'b' }]],
  [
    'geminiGenerate',
    'contents',
    { role: 'user', parts: [] },
    [{ tools: [{}] }, { systemInstruction: {} }, { system_instruction: {} }],
  ],
]

describe.each(CONVERSATIONS)('%s', (endpoint, name, turn, befores) => {
  const { turns } = dialects[endpoint]
  const thread = (count: number, more: JsonObject = {}) =>
    turns && threadOf({ ...more, [name]: Array.from({ length: count }, () => turn) }, turns, 'a')

  test('goes on from what was said before', () => {
    expect(thread(3)?.earlier).toEqual([thread(2)?.whole, thread(1)?.whole])
    expect(thread(3)?.begun).toBe(thread(1)?.whole)
  })

  test('and from nothing that was said after something else', () => {
    for (const before of befores) expect(thread(2, before)?.whole).not.toBe(thread(2)?.whole)
  })
})

test('nobody else goes on from anything', () => {
  const others = Object.entries(dialects).filter(([, { turns }]) => turns)
  expect(others.map(([endpoint]) => endpoint).toSorted()).toEqual(
    CONVERSATIONS.map(([endpoint]) => endpoint).toSorted(),
  )
})
