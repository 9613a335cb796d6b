import { expect, test } from 'vitest'
import { holdsForeign, MARK_BASE64, writeSignature } from './signature.ts'

const foreign = writeSignature({ vendor: 'google', value: 'abc' }, 'anthropic')

test.each([
  JSON.stringify({ content: [{ type: 'thinking', thinking: '', signature: foreign }] }),
  JSON.stringify({ content: [{ type: 'redacted_thinking', data: foreign }] }, null, 2),
  JSON.stringify({ input: [{ type: 'reasoning', encrypted_content: foreign }] }),
  JSON.stringify({ parts: [{ thoughtSignature: `${MARK_BASE64}Z29v` }] }),
  `{"text":"tutti.yaml","thought_signature" :\n"${foreign}"}`,
  JSON.stringify({ content: [{ type: 'thinking', thinking: 'a', signature: '' }] }),
  '{"content": [{"signature": "", "thinking": "a", "type": "thinking"}]}',
])('holds what its own vendor did not sign: %s', (text) => {
  expect(holdsForeign(text)).toBe(true)
})

test.each([
  JSON.stringify({ content: 'tutti.yaml' }),
  JSON.stringify({ input: { path: 'tutti.schema.json' } }),
  JSON.stringify(['tutti.a.b']),
  JSON.stringify(['signature', 'tutti.a.b']),
  JSON.stringify({ input: { signature: '' } }),
  JSON.stringify({ content: [{ type: 'thinking', thinking: 'a', signature: 'own' }] }),
  JSON.stringify({ arguments: JSON.stringify({ signature: foreign }) }),
  JSON.stringify({ signature: 'abc' }),
])('holds none: %s', (text) => {
  expect(holdsForeign(text)).toBe(false)
})
