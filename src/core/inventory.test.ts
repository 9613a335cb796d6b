import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ANY, hostedModel, joined, nameOfPath, saidOf } from './inventory.ts'

test.each([
  ['deepseek-ai/DeepSeek-V3', 'deepseek-ai/DeepSeek-V3'],
  ['/root/.cache/huggingface/hub/models--deepseek-ai--DeepSeek-V3/snapshots/0af1', 'deepseek-ai/DeepSeek-V3'],
  ['/data/weights/DeepSeek-V3-GGUF/Q4/model-00001-of-00005.gguf', 'weights/DeepSeek-V3-GGUF/Q4/model-00001-of-00005'],
  ['C:\\models\\kanana.gguf', 'C:/models/kanana'],
  ['/usr/share/ollama/.ollama/models/blobs/sha256-ab12', undefined],
  ['', ''],
  [undefined, undefined],
])('the weights at %s', (path, name) => {
  expect(nameOfPath(path)).toBe(name)
})

test('what is no name is left out, and there is an end to it', () => {
  expect(
    hostedModel('m', { names: ['a', '', ' a ', undefined, 'x'.repeat(201)], parents: [''], license: ' MIT ' }),
  ).toEqual({ model: 'm', names: ['a'], license: 'mit' })
  const many = Array.from({ length: 20 }, (_, index) => `n${index}`)
  expect(hostedModel('m', { names: many }).names).toHaveLength(8)
})

test('what a host says of a model counts, and what it says of every name; case does not matter', () => {
  const models = [
    hostedModel('Helper', { names: ['a'] }),
    hostedModel('helper', { architectures: ['qwen2'] }),
    hostedModel(ANY, { names: ['b'] }),
  ]
  expect(saidOf(models, 'HELPER')).toEqual({ model: 'Helper', names: ['a', 'b'], architectures: ['qwen2'] })
  expect(saidOf(models, 'other')).toEqual({ model: ANY, names: ['b'] })
  expect(saidOf([], 'other')).toBeUndefined()
})

test('property: a description is what it is when it is read again, and nothing is lost by joining it with itself', () => {
  const texts = fc.array(fc.string({ maxLength: 210 }), { maxLength: 10 })
  const said = fc.record({ names: texts, parents: texts, architectures: texts, license: fc.string() })
  fc.assert(
    fc.property(said, (input) => {
      const once = hostedModel('m', input)
      expect(hostedModel('m', once)).toEqual(once)
      expect(joined(once, once)).toEqual(once)
    }),
  )
})
