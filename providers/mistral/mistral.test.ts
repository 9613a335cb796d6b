import { expect, test } from 'vitest'
import { send } from '#providers/openai-compatible/testing.ts'
import { sendBy, user } from '../../test/support/conversations.ts'
import { mistral } from './index.ts'

test('it gets no member that it answers 422 to', () => {
  const { body, warnings } = send(
    mistral,
    '"seed":1,"max_completion_tokens":5,"user":"u","stream":true,"stream_options":{"include_usage":true}',
  )
  expect(body).toEqual({ model: 'm', random_seed: 1, max_tokens: 5, stream: true })
  expect(warnings).toHaveLength(4)
})

test('an unknown model is for another target to answer', () => {
  const error = { object: 'error', message: 'Invalid model: x', type: 'invalid_model', param: null, code: '1500' }
  expect(mistral.decodeError({ status: 400, headers: {} }, JSON.stringify(error)).retry).toBe('next')
})

test('ids of calls are nine letters and digits, the same for a call and its result', () => {
  const call = (id: string) => `{"id" : "${id}","type":"function","function":{"name":"f","arguments":"{}"}}`
  const { body, warnings } = send(
    mistral,
    `"messages":[{"role":"assistant","content":null,"tool_calls":[${call('call_1')},${call('abcDEF123')}]},{"role":"tool","tool_call_id":"call_1","content":"r"},{"role":"tool","tool_call_id":"abcDEF123","content":"r"}]`,
  )
  const ids = JSON.stringify(body)
    .split('id":"')
    .slice(1)
    .map((rest) => rest.slice(0, rest.indexOf('"')))
  expect(ids).toEqual([ids[0], 'abcDEF123', ids[0], 'abcDEF123'])
  expect(ids[0]).toHaveLength(9)
  expect(ids[0]).not.toContain('_')
  expect(warnings).toHaveLength(1)
  expect(send(mistral, '"messages":[{"role":"tool","tool_call_id":"abcDEF123","content":"r"}]').warnings).toEqual([])
})

test('files and sounds in its own form; it has none for videos', () => {
  const [codec] = mistral.codecs ?? []
  if (!codec) throw new TypeError('no codec')
  const { body, refused } = sendBy(codec, {
    turns: [
      user(
        { type: 'document', name: 'a.pdf', source: { kind: 'data', mediaType: 'application/pdf', data: 'QUJD' } },
        { type: 'document', source: { kind: 'url', url: 'https://x.test/a.pdf' } },
        { type: 'audio', source: { kind: 'data', mediaType: 'audio/wav', data: 'QUJD' } },
      ),
    ],
  })
  expect(refused).toEqual([])
  expect(body['messages']).toEqual([
    {
      role: 'user',
      content: [
        { type: 'document_url', document_url: 'data:application/pdf;base64,QUJD', document_name: 'a.pdf' },
        { type: 'document_url', document_url: 'https://x.test/a.pdf' },
        { type: 'input_audio', input_audio: 'QUJD' },
      ],
    },
  ])
  const video = user({ type: 'video', source: { kind: 'url', url: 'https://x.test/a.mp4' } })
  expect(sendBy(codec, { turns: [video] }).refused).toEqual(['video_url'])
})
