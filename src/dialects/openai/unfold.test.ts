import { expect, test } from 'vitest'
import { unfoldChat, unfoldCompletion } from './unfold.ts'

const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }

test('a whole chat answer becomes one event with the delta and one with the end, for each choice', () => {
  const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"서울"}' } }
  const answer = {
    id: 'c1',
    object: 'chat.completion',
    model: 'm',
    system_fingerprint: 'fp',
    choices: [
      { index: 0, message: { role: 'assistant', content: '안녕', reasoning_content: 'hm' }, finish_reason: 'stop' },
      { index: 1, message: { role: 'assistant', content: null, tool_calls: [call] }, finish_reason: 'tool_calls' },
    ],
    usage,
  }
  const head = { id: 'c1', object: 'chat.completion.chunk', model: 'm', system_fingerprint: 'fp' }
  const of = (choice: object) => ({ ...head, choices: [choice] })
  const events = unfoldChat(answer, false).map((text): unknown => JSON.parse(text))
  expect(events).toEqual([
    of({ index: 0, delta: { role: 'assistant', content: '안녕', reasoning_content: 'hm' }, finish_reason: null }),
    of({ index: 0, delta: {}, finish_reason: 'stop' }),
    of({
      index: 1,
      delta: { role: 'assistant', content: null, tool_calls: [{ index: 0, ...call }] },
      finish_reason: null,
    }),
    of({ index: 1, delta: {}, finish_reason: 'tool_calls' }),
  ])
  expect(
    unfoldChat(answer, true)
      .map((text): unknown => JSON.parse(text))
      .at(-1),
  ).toEqual({
    ...head,
    choices: [],
    usage,
  })
})

test('an older completion keeps its form', () => {
  const choice = { index: 0, text: 'hello', finish_reason: 'stop', logprobs: null }
  expect(
    unfoldCompletion({ id: 'c', choices: [choice], usage }, false).map((text): unknown => JSON.parse(text)),
  ).toEqual([{ id: 'c', object: 'text_completion', choices: [choice] }])
})
