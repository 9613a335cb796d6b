import { expect, test } from 'vitest'
import { options, catalog as fake } from '../../test/support/config-fakes.ts'
import { loadConfig } from './load.ts'
import { renderProblem } from './problem.ts'

const NAMES = { developer: ['deepseek', 'kakao', 'naver'], operator: ['naver', 'openai'] }
const catalog = { ...fake, names: (field: 'developer' | 'operator') => new Set(NAMES[field]) }

async function warnings(rule: string): Promise<readonly string[]> {
  const text = `providers:
  openai: { apiKey: "\${OPENAI_API_KEY}", models: { gpt-own: { developer: us } } }
  house: { type: openai-compatible, baseUrl: "https://llm.example/v1", operator: { name: our-company, country: KR } }
policies:
  - { name: r, ${rule} }
`
  const loaded = await loadConfig(text, options({ catalog }))
  if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  return loaded.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

test.each([
  [
    'deny: { developer: deepsek, derived: true }',
    'no developer here or in the catalog is called `deepsek`, did you mean `deepseek`?',
  ],
  [
    'deny: { developer: [kakao, "DeepSeek AI"] }',
    'no developer here or in the catalog is called `DeepSeek AI`, did you mean `deepseek`?',
  ],
  [
    'deny: { developer: "deepsek*" }',
    'no developer here or in the catalog is called `deepsek*`, did you mean `deepseek`?',
  ],
  ['deny: { provider: opnai }', 'no provider here is called `opnai`, did you mean `openai`?'],
  [
    'deny: { local: false, except: { operator: our-compny } }',
    'no operator here or in the catalog is called `our-compny`, did you mean `our-company`?',
  ],
  [
    'require: { anyOf: [{ local: true }, { operator: [navr] }] }',
    'no operator here or in the catalog is called `navr`, did you mean `naver`?',
  ],
  ['deny: { operatorCountry: china }', '`china` is no country as two letters like `KR` (ISO 3166)'],
])('%s warns', async (rule, message) => {
  const [first, ...others] = await warnings(rule)
  expect(first).toMatch(/^5:\d+ /)
  expect(first?.slice(first.indexOf(' ') + 1)).toBe(message)
  expect(others).toEqual([])
})

test.each([
  'deny: { developer: DeepSeek, derived: true }',
  'deny: { developer: [us, "Ka*"], operatorCountry: [cn, "*"] }',
  'deny: { provider: [openai, openrouter, "h*"], operator: [Our Company, openai] }',
  'require: { developer: "*", region: nowhere }',
])('%s is good', async (rule) => {
  expect(await warnings(rule)).toEqual([])
})
