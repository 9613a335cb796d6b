import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readScript } from './read-script.ts'

const docs = readFileSync(new URL('../../docs/testing.md', import.meta.url), 'utf8')

test('the script of docs/testing.md', () => {
  const [, yaml = ''] = docs.split('```yaml\n')
  const [text = ''] = yaml.split('```')
  expect(readScript(text, 'script.yaml')).toMatchObject({ ok: true, script: { answers: [{}, {}, {}], otherwise: {} } })
})

test('every problem has its line and column', () => {
  const read = readScript('answers:\n  - reply: { text: 1 }\n  - rely: {}\n', 'script.yaml')
  expect(read).toEqual({
    ok: false,
    problems: [
      'script.yaml:2:14: expected text',
      expect.stringContaining('script.yaml:3:5: unknown field, known are when, times, reply'),
    ],
  })
})

test('a file that is no YAML', () => {
  expect(readScript('answers: [', 'script.yaml')).toMatchObject({ ok: false })
  expect(readScript('', 'script.yaml')).toMatchObject({ ok: false })
})
