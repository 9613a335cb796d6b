import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Account } from '#src/core/adapter.ts'
import { saidOf } from '#src/core/inventory.ts'
import type { Json } from '#src/core/json.ts'
import { hostOf, listed, rooted } from './inventory.ts'
import { ollamaInventory } from './inventory-ollama.ts'

const ACCOUNT: Account = {
  id: 'default',
  baseUrl: 'http://127.0.0.1:8000/v1',
  apiKey: 'sk-house',
  headers: { 'x-own': '1' },
}

/** One answer to each of these paths. */
const answered = (...answers: readonly (readonly [string, Json])[]) => answers.map(([about, body]) => ({ about, body }))

test('a host is asked at its own address, with its own key', () => {
  const [inquiry] = listed.ask(ACCOUNT, [])
  expect(inquiry?.upstream).toEqual({
    method: 'GET',
    url: 'http://127.0.0.1:8000/v1/models',
    headers: { accept: 'application/json', authorization: 'Bearer sk-house', 'x-own': '1' },
  })
  expect(hostOf({ ...ACCOUNT, baseUrl: 'http://h:1/api/v1' })).toBe('http://h:1/api')
  expect(hostOf({ ...ACCOUNT, baseUrl: 'http://h:1' })).toBe('http://h:1')
})

/** In the form of vLLM's documentation of `GET /v1/models`: two served names of one model, and an adapter (LoRA) on it. */
const VLLM = {
  object: 'list',
  data: [
    {
      id: 'helper',
      object: 'model',
      owned_by: 'vllm',
      root: 'deepseek-ai/DeepSeek-V3',
      parent: null,
      max_model_len: 4096,
    },
    { id: 'kanana', object: 'model', owned_by: 'vllm', root: '/models/kakaocorp/kanana-1.5-8b', parent: null },
    { id: 'tuned', object: 'model', owned_by: 'vllm', root: '/adapters/tuned', parent: 'helper' },
    { id: 'bare', object: 'model', owned_by: 'us' },
    { object: 'model' },
  ],
}

test('vLLM says the weights behind each name, and what an adapter was put on', () => {
  expect(rooted.read(answered(['/models', VLLM]))).toEqual([
    { model: 'helper', names: ['deepseek-ai/DeepSeek-V3'] },
    { model: 'kanana', names: ['models/kakaocorp/kanana-1.5-8b'] },
    { model: 'tuned', names: ['adapters/tuned'], parents: ['deepseek-ai/DeepSeek-V3', 'helper'] },
    { model: 'bare' },
  ])
})

test('a root that is the name itself says nothing, but for vLLM', () => {
  const list = { data: [{ id: 'gpt-4', root: 'gpt-4' }] }
  expect(listed.read(answered(['/models', list]))).toEqual([{ model: 'gpt-4' }])
  expect(rooted.read(answered(['/models', list]))).toEqual([{ model: 'gpt-4', names: ['gpt-4'] }])
  expect(listed.read(answered(['/models', VLLM]))[0]).toEqual({ model: 'helper', names: ['deepseek-ai/DeepSeek-V3'] })
})

/** In the form of Ollama's documentation of `GET /api/tags` and `POST /api/show`; of its types, where that shows no model that runs elsewhere. */
const TAGS = {
  models: [
    {
      name: 'my-helper:latest',
      model: 'my-helper:latest',
      digest: 'ab',
      details: { parent_model: '', format: 'gguf', family: 'deepseek2', families: ['deepseek2'] },
    },
    {
      name: 'far:latest',
      remote_model: 'gpt-oss:120b',
      remote_host: 'https://ollama.com:443',
      details: { families: null },
    },
  ],
}
const SHOW = {
  modelfile: 'FROM /blobs/sha256-ab',
  details: { parent_model: 'deepseek-r1:7b', format: 'gguf', family: 'qwen2', families: ['qwen2'] },
  model_info: {
    'general.architecture': 'qwen2',
    'general.basename': 'DeepSeek-R1-Distill-Qwen',
    'general.organization': 'Deepseek Ai',
    'general.license': 'MIT',
    'general.base_model.count': 2,
    'general.base_model.0.name': 'DeepSeek R1 Distill Qwen 7B',
    'general.base_model.0.organization': 'Deepseek Ai',
    'general.base_model.1.repo_url': 'https://huggingface.co/Qwen/Qwen2.5-Math-7B',
    'general.parameter_count': 7_615_616_512,
    'tokenizer.ggml.tokens': null,
  },
}

test('Ollama is asked for its list, then for each model: those of the file by their names there', () => {
  const account = { ...ACCOUNT, baseUrl: 'http://127.0.0.1:11434/v1' }
  const first = ollamaInventory.ask(account, ['my-helper'])
  expect(first.map(({ upstream }) => [upstream.method, upstream.url, upstream.body])).toEqual([
    ['GET', 'http://127.0.0.1:11434/api/tags', undefined],
    ['POST', 'http://127.0.0.1:11434/api/show', '{"model":"my-helper"}'],
  ])
  const answers = answered([first[0]?.about ?? '', TAGS], [first[1]?.about ?? '', SHOW])
  expect(ollamaInventory.askMore?.(account, answers).map(({ upstream }) => upstream.body)).toEqual([
    '{"model":"far:latest"}',
  ])
})

test('Ollama says what the weights call themselves, what they were made from, and whether they are there at all', () => {
  const said = ollamaInventory.read(answered(['/api/tags', TAGS], ['/api/show my-helper', SHOW]))
  const far = { names: ['gpt-oss:120b'], remote: { host: 'ollama.com', operator: 'ollama' } }
  expect(said).toEqual([
    { model: 'my-helper:latest', architectures: ['deepseek2'] },
    { model: 'far:latest', ...far },
    {
      model: 'my-helper',
      names: ['DeepSeek-R1-Distill-Qwen', 'Deepseek Ai/DeepSeek-R1-Distill-Qwen', 'deepseek-r1:7b'],
      parents: ['Deepseek Ai/DeepSeek R1 Distill Qwen 7B', 'Qwen/Qwen2.5-Math-7B'],
      architectures: ['qwen2'],
      license: 'mit',
    },
  ])
})

test.each(['my-helper', 'My-Helper:latest', 'library/my-helper', 'registry.ollama.ai/library/my-helper:latest'])(
  'Ollama runs one model under %s',
  (id) => {
    const told = ollamaInventory.read(answered(['/api/tags', TAGS], ['/api/show my-helper', SHOW]))
    expect(saidOf(told, id, ollamaInventory)).toMatchObject({ architectures: ['deepseek2', 'qwen2'] })
    expect(saidOf(told, 'somebody/my-helper', ollamaInventory)).toBeUndefined()
  },
)

test.each([
  [{ remote_model: 'x' }, { operator: 'ollama' }],
  [{ remote_host: 'https://cloud.ollama.com' }, { host: 'cloud.ollama.com', operator: 'ollama' }],
  [{ remote_host: 'https://notollama.com' }, { host: 'notollama.com' }],
  [{ remote_host: '192.168.0.7' }, { host: '192.168.0.7' }],
  [{ remote_host: '', remote_model: '' }, undefined],
])('where %j runs', (body, remote) => {
  expect(ollamaInventory.read(answered(['/api/show m', body]))[0]?.remote).toEqual(remote)
})

test('property: nothing that a host says makes a reader throw', () => {
  const about = fc.constantFrom('/models', '/api/tags', '/api/show m')
  const object = (member: fc.Arbitrary<unknown>) =>
    fc.dictionary(
      fc.constantFrom('data', 'models', 'id', 'root', 'model', 'details', 'model_info', 'families', 'remote_host'),
      member,
    )
  const leaf = fc.jsonValue({ maxDepth: 1 })
  const body = fc.oneof(leaf, object(fc.oneof(leaf, fc.array(fc.oneof(leaf, object(leaf))), object(leaf))))
  fc.assert(
    fc.property(fc.array(fc.tuple(about, body), { maxLength: 4 }), (answers) => {
      const given: { about: string; body: Json }[] = JSON.parse(
        JSON.stringify(answers.map(([name, value]) => ({ about: name, body: value ?? null }))),
      )
      for (const reader of [listed, rooted, ollamaInventory]) {
        expect(Array.isArray(reader.read(given))).toBe(true)
        expect(Array.isArray(reader.askMore?.(ACCOUNT, given) ?? [])).toBe(true)
      }
    }),
  )
})
