import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from './json.ts'
import { threadOf, type Thread, type Turns } from './thread.ts'

const CHAT: Turns = ['messages', 'tools']
const said = (role: string, content: string): JsonObject => ({ role, content })
const CONVERSATION = [
  said('system', 'be kind'),
  said('user', 'hello'),
  said('assistant', 'hi'),
  said('user', 'more'),
  said('assistant', 'there'),
  said('user', 'thanks'),
]

function thread(body: JsonObject, prefix = 'a'): Thread {
  const found = threadOf(body, CHAT, prefix)
  if (!found) throw new Error('no thread')
  return found
}
const upTo = (count: number, more: JsonObject = {}) => thread({ messages: CONVERSATION.slice(0, count), ...more })

describe('a thread', () => {
  test('knows every beginning of itself, the longest first, and not itself among them', () => {
    const { earlier, whole } = upTo(6)
    expect(earlier).toEqual([5, 4, 3, 2, 1].map((count) => upTo(count).whole))
    expect(new Set([whole, ...earlier]).size).toBe(6)
  })

  test('begins with its first turn that is no instruction, and goes on under that name', () => {
    expect([2, 3, 4, 6].map((count) => upTo(count).begun)).toEqual(Array(4).fill(upTo(2).whole))
    expect(upTo(1).begun).toBe(upTo(1).whole)
    const developer = thread({ messages: [said('developer', 'x'), said('user', 'y'), said('assistant', 'z')] })
    expect(developer.begun).toBe(developer.earlier[0])
  })

  test('of very many turns it knows the longest thousand, and where it began', () => {
    const messages = Array.from({ length: 5000 }, (_, at) => said(at === 0 ? 'system' : 'user', String(at)))
    const { earlier, begun } = thread({ messages })
    expect(earlier).toHaveLength(1000)
    expect(earlier[0]).toBe(thread({ messages: messages.slice(0, 4999) }).whole)
    expect(earlier.at(-1)).toBe(thread({ messages: messages.slice(0, 4000) }).whole)
    expect(begun).toBe(thread({ messages: messages.slice(0, 2) }).whole)
  })

  test('a text in the place of turns is one turn', () => {
    expect(thread({ messages: 'hello' }).earlier).toEqual([])
    expect(thread({ messages: 'hello' }).begun).toBe(thread({ messages: 'hello' }).whole)
  })

  test.each<[string, JsonObject]>([
    ['no turns', {}],
    ['none of them', { messages: [] }],
  ])('%s: none', (_, body) => {
    expect(threadOf(body, CHAT, 'a')).toBeUndefined()
  })

  test.each<[string, Thread]>([
    ['another caller', thread({ messages: CONVERSATION }, 'b')],
    ['other tools', upTo(6, { tools: [{ type: 'function', function: { name: 'f' } }] })],
    ['another turn long ago', thread({ messages: [said('system', 'be mean'), ...CONVERSATION.slice(1)] })],
    ['another member', thread({ messages: [{ roles: 'system', content: 'be kind' }, ...CONVERSATION.slice(1)] })],
    ['another order', thread({ messages: [...CONVERSATION.slice(1), said('system', 'be kind')] })],
  ])('%s: no name is the same', (_, other) => {
    const own = upTo(6)
    const names = new Set([own.whole, ...own.earlier, own.begun])
    for (const name of [other.whole, ...other.earlier, other.begun]) expect(names).not.toContain(name)
  })

  test('of long texts both ends and the length count', () => {
    const long = (text: string) => thread({ messages: [said('user', text)] }).whole
    const base = 'x'.repeat(10_000)
    const names = [base, `y${base.slice(1)}`, `${base.slice(1)}y`, `${base}x`, `${base.slice(0, 63)}y${base.slice(64)}`]
    expect(new Set(names.map(long)).size).toBe(names.length)
    // One of 128 counts whole.
    expect(long(`${'x'.repeat(64)}y${'x'.repeat(63)}`)).not.toBe(long('x'.repeat(128)))
  })

  test('what goes on from another one finds it, whatever is in it', () => {
    const turn = fc.oneof(fc.record({ role: fc.constantFrom('user', 'assistant'), content: fc.string() }), fc.string())
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1 }), fc.array(turn, { minLength: 1 }), (before, more) => {
        const { whole, begun } = thread({ messages: before })
        const after = thread({ messages: [...before, ...more] })
        expect(after.earlier[more.length - 1]).toBe(whole)
        if (before.some((one) => typeof one === 'string' || one.role === 'user')) expect(after.begun).toBe(begun)
      }),
    )
  })

  test('no depth of a request breaks it', () => {
    const deep: unknown = JSON.parse(`{"messages":[{"content":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}`)
    expect(threadOf(deep as JsonObject, CHAT, 'a')).toBeDefined()
  })
})
