import { expect, test } from 'vitest'
import { saidOf } from '#src/core/inventory.ts'
import { inventory } from './inventory.ts'

const ACCOUNT = { id: 'default', baseUrl: 'http://127.0.0.1:1234/v1', headers: {} }

test('LM Studio is asked for its own list', () => {
  expect(inventory.ask(ACCOUNT, []).map(({ upstream }) => upstream.url)).toEqual([
    'http://127.0.0.1:1234/api/v0/models',
  ])
})

test.each(['helper', 'Helper@q4_k_m', 'helper:2'])('it runs one model under %s', (id) => {
  const told = [{ model: 'helper', names: ['x/helper'] }]
  expect(saidOf(told, id, inventory)?.names).toEqual(['x/helper'])
})

test('its models are what their publishers call them, and have a shape', () => {
  // In the form of LM Studio's documentation of its REST interface, version 0.
  const row = { object: 'model', type: 'llm', compatibility_type: 'gguf', quantization: 'Q4_K_M', state: 'not-loaded' }
  const data = [
    { ...row, id: 'helper', publisher: 'lmstudio-community', arch: 'deepseek2' },
    { ...row, id: 'text-embedding-nomic' },
    row,
  ]
  expect(inventory.read([{ about: '/api/v0/models', body: { object: 'list', data } }])).toEqual([
    { model: 'helper', names: ['lmstudio-community/helper'], architectures: ['deepseek2'] },
    { model: 'text-embedding-nomic', names: ['text-embedding-nomic'] },
  ])
})
