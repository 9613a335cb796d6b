import { expect, test } from 'vitest'
import { inventory } from './inventory.ts'

const ACCOUNT = { id: 'default', baseUrl: 'http://127.0.0.1:30000/v1', headers: {} }

test('SGLang is asked what it was started with, and for its list', () => {
  expect(inventory.ask(ACCOUNT, []).map(({ upstream }) => upstream.url)).toEqual([
    'http://127.0.0.1:30000/get_model_info',
    'http://127.0.0.1:30000/v1/models',
  ])
})

test('its model is what it was started with, whatever name is asked for', () => {
  // In the form of SGLang's documentation of its native interface; the last two members are of newer versions.
  const body = {
    model_path: 'deepseek-ai/DeepSeek-V3',
    tokenizer_path: 'deepseek-ai/DeepSeek-V3',
    is_generation: true,
    preferred_sampling_params: null,
    weight_version: 'default',
    model_type: 'deepseek_v3',
    architectures: ['DeepseekV3ForCausalLM'],
  }
  const list = { data: [{ id: 'helper', root: 'helper' }] }
  expect(
    inventory.read([
      { about: '/get_model_info', body },
      { about: '/models', body: list },
    ]),
  ).toEqual([
    { model: 'helper' },
    { model: '*', names: ['deepseek-ai/DeepSeek-V3'], architectures: ['deepseek_v3', 'DeepseekV3ForCausalLM'] },
  ])
})
