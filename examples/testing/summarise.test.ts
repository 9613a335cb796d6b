import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { cut, fail, mockProviders, reply, script, stream } from 'tutti/testing'
import { summarise } from './summarise.ts'

function clientOf(mock: ReturnType<typeof mockProviders>): OpenAI {
  return new OpenAI({ apiKey: 'sk-test', fetch: mock.fetch })
}

test('reads a stream', async () => {
  const mock = mockProviders(script(stream(['요약', '입니다.'])))
  expect(await summarise(clientOf(mock), 'a long text')).toBe('요약입니다.')
  expect(mock.requests[0]?.body).toMatchObject({ model: 'gpt-6-luna', stream: true })
})

test('tries once more when the provider is busy', async () => {
  const mock = mockProviders(script(fail(429, { retryAfter: 0 }), reply('All good.')))
  expect(await summarise(clientOf(mock), 'a long text')).toBe('All good.')
  expect(mock.requests).toHaveLength(2)
})

test('notices a connection that breaks in the middle', async () => {
  const mock = mockProviders(script(cut(stream(['one ', 'two ', 'three']), { afterEvents: 2 })))
  await expect(summarise(clientOf(mock), 'a long text')).rejects.toThrow()
})

test('notices an answer that only looks whole', async () => {
  const mock = mockProviders(script(cut(stream(['one ', 'two']), { afterEvents: 2, how: 'terminated' })))
  await expect(summarise(clientOf(mock), 'a long text')).rejects.toThrow('not whole')
})
