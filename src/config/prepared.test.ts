import { expect, test } from 'vitest'
import { prepare, readPrepared } from './prepared.ts'
import { readSource } from './source.ts'

const FILE = `# said
version: 1
providers:
  "1": { type: vllm, region: 한국, local: true }
  b: &b { type: ollama, models: { x: { price: { input: 0.5, output: 0 } } } }
keys: [ { id: a, tags: [x, 'y'], empty: } ]
`

test('a prepared file says the same of the same places', () => {
  const source = readSource(FILE, 'tutti.yaml')
  const read = readPrepared(prepare(source, FILE))
  expect(read.root).toEqual(source.root)
  for (let at = 0; at < FILE.length; at++) expect({ at, ...read.position(at) }).toEqual({ at, ...source.position(at) })
})

test('a file with problems is not prepared, and nothing else is read', () => {
  expect(() => prepare(readSource('a: [', 'tutti.yaml'), 'a: [')).toThrow('with problems')
  for (const text of ['', '[]', '{}', FILE, '{"lines":[]}']) expect(() => readPrepared(text)).toThrow('no prepared')
  expect(() => readPrepared('{"lines":[0],"root":{"a":0,"m":[1]}}')).toThrow('no prepared')
})
