import { expect, test } from 'vitest'
import { inventory } from './inventory.ts'

const ACCOUNT = { id: 'default', baseUrl: 'http://127.0.0.1:8080/v1', headers: {} }

test('llama.cpp is asked for its properties beside `/v1`', () => {
  expect(inventory.ask(ACCOUNT, ['x']).map(({ upstream }) => upstream.url)).toEqual(['http://127.0.0.1:8080/props'])
})

test('its one model is the file that was loaded, whatever name is asked for', () => {
  // Members of a real server's answer, made smaller.
  const body = {
    total_slots: 4,
    model_alias: 'kanana',
    model_path: '/models/DeepSeek-R1-Distill-Llama-8B-Q4_K_M.gguf',
    chat_template: '{{ messages }}',
  }
  expect(inventory.read([{ about: '/props', body }])).toEqual([
    { model: '*', names: ['models/DeepSeek-R1-Distill-Llama-8B-Q4_K_M'] },
  ])
  expect(inventory.read([{ about: '/props', body: { error: { code: 503 } } }])).toEqual([{ model: '*' }])
})
