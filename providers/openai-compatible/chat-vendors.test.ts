import { expect, test } from 'vitest'
import type { Conversation, Part, Turn } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { adapters } from '#providers/registry.ts'
import { FUNCTION, set, text, through, user, type Sent } from './chat-testing.ts'

/** What the vendors are sent of a conversation: each takes other members. */

function vendor(type: string, more: Partial<Conversation>, model = 'm'): Sent {
  const codec = adapters.get(type)?.codecs?.find(({ wire }) => wire === 'openai-chat')
  if (!codec) throw new TypeError(`${type} has no chat`)
  return through(codec, more, model)
}

test.each<[string, Partial<Conversation>, JsonObject, number]>([
  [
    'mistral',
    { settings: { seed: set(7) }, tools: [FUNCTION], toolChoice: set({ kind: 'required' }) },
    { random_seed: 7, tool_choice: 'any' },
    1,
  ],
  ['hyperclova-x', { settings: { temperature: set(1.5) } }, { temperature: 1 }, 1],
  ['fireworks', { reasoning: set({ effort: 'xhigh' }) }, { reasoning_effort: 'high' }, 1],
  ['fireworks', { reasoning: set({ effort: 'none' }) }, { reasoning_effort: 'low' }, 1],
  ['xai', { reasoning: set({ effort: 'high' }) }, { messages: [{ role: 'user', content: '안녕' }] }, 1],
  ['vllm', { settings: { top_k: set(5) } }, { top_k: 5 }, 0],
  [
    'openrouter',
    { turns: [{ role: 'user', parts: [{ type: 'text', text: 'a', cache: { ttl: '1h' } }] }] },
    {
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
      ],
    },
    0,
  ],
])('%s is sent what it takes: %j', (type, more, body, warnings) => {
  const own = vendor(type, more)
  expect(own.body).toMatchObject(body)
  expect(own.warnings).toHaveLength(warnings)
  expect(own.refusals).toEqual([])
})

test('Mistral gets ids of nine letters and digits, the same for a call and its result', () => {
  const turns: readonly Turn[] = [
    user('U'),
    { role: 'assistant', parts: [{ type: 'tool-call', id: 'call_0123456789abcdef', name: 'f', input: '{}' }] },
    { role: 'tool', parts: [{ type: 'tool-result', id: 'call_0123456789abcdef', parts: [text('1')] }] },
  ]
  const messages = JSON.stringify(vendor('mistral', { turns }).body)
  const [id, again, ...more] = messages
    .split('"')
    .filter((word, at, all) => all[at - 2] === 'id' || all[at - 2] === 'tool_call_id')
  expect([again, more]).toEqual([id, []])
  expect(id).toMatch(/^[a-zA-Z0-9]{9}$/)
})

test('Groq has one choice, Ollama no choice of tools', () => {
  expect(vendor('groq', { settings: { choices: set(2) } }).refusals).toEqual(['choices'])
  const groq = vendor('groq', {
    settings: { logprobs: set(0), logit_bias: set({ 1: 2 }) },
    turns: [{ ...user('a'), name: 'n' }],
  })
  expect(groq.body).toEqual({ model: 'm', messages: [{ role: 'user', content: 'a' }] })
  expect(vendor('ollama', { tools: [FUNCTION], toolChoice: set({ kind: 'named', name: 'f' }) }).refusals).toContain(
    'tool_choice_named',
  )
  const none = vendor('ollama', { tools: [FUNCTION], toolChoice: set({ kind: 'none' }) })
  expect(none.body).not.toHaveProperty('tools')
  expect(none.refusals).toEqual([])
})

test('Perplexity hears user and assistant in turns', () => {
  const turns = [user('a'), user('b'), { role: 'assistant', parts: [text('c')] } as const, user('d')]
  const { body, warnings } = vendor('perplexity', { turns })
  expect(body['messages']).toEqual([
    { role: 'user', content: 'a\n\nb' },
    { role: 'assistant', content: 'c' },
    { role: 'user', content: 'd' },
  ])
  expect(warnings).toEqual(['messages of one role that follow each other were sent as one: the provider demands turns'])
})

test('OpenRouter gets its details back whole', () => {
  const details = [{ type: 'reasoning.text', text: 'hm', signature: 's', format: 'anthropic-claude-v1', index: 0 }]
  const signature = { vendor: 'openrouter', value: JSON.stringify(details) }
  const parts: readonly Part[] = [
    { type: 'reasoning', text: 'hm' },
    text('a'),
    { type: 'reasoning', redacted: true, signature },
  ]
  const { body } = vendor('openrouter', { turns: [user('U'), { role: 'assistant', parts }] })
  expect(body['messages']).toEqual([
    { role: 'user', content: 'U' },
    { role: 'assistant', content: 'a', reasoning_details: details },
  ])
})
