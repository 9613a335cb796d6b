// Other names of a number that a rule caps: llama.cpp's server reads `n_predict` before `max_tokens`, and below zero it knows no end.
import { expect, test } from 'vitest'
import { ask, FACTS } from '../support/redaction.ts'

const CAP = { name: 'short', limit: { outputTokens: 100 } }
const HOUSE = { house: { type: 'llama-cpp', baseUrl: 'https://house.example/v1', models: { m: FACTS } } }
const ok = () =>
  Response.json({
    model: 'm',
    choices: [{ index: 0, text: 'ok', message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
  })

test.each([
  ['/v1/chat/completions', { messages: [{ role: 'user', content: 'hi' }] }, 'max_completion_tokens'],
  ['/v1/completions', { prompt: 'hi' }, 'max_tokens'],
])('%s', async (path, body, own) => {
  for (const [asked, sent] of [
    [5000, 100],
    [-1, 100],
    // As llama.cpp reads it: nothing was written.
    [null, null],
    ['5000', 100],
    [50, 50],
  ]) {
    const seen = await ask([CAP], { path, more: HOUSE, body: { ...body, model: 'house/m', n_predict: asked } }, ok)
    expect(seen.status).toBe(200)
    expect(seen.upstream).toContain(`"n_predict":${sent}`)
    // The usual name is written all the same: another upstream heeds it alone.
    expect(seen.upstream).toContain(`"${own}":100`)
  }
  const plain = await ask([CAP], { path, more: HOUSE, body: { ...body, model: 'house/m' } }, ok)
  expect(plain.upstream).not.toContain('n_predict')
})
