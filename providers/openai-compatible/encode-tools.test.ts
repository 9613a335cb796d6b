import { expect, test } from 'vitest'
import { groq } from '#providers/groq/index.ts'
import { openrouter } from '#providers/openrouter/index.ts'
import { openai } from '#providers/openai/index.ts'
import { openaiCompatible } from './index.ts'
import { send } from './testing.ts'

const FUNCTION = '{"type":"function", "function":{"name":"f","parameters":{"properties":{"model":{ }}}}}'

test.each([
  ['of the caller', FUNCTION],
  ['that asks nobody', '{"type":"web_search", "max_results":1.0}'],
  ['that is no object', '"web_search"'],
])('a tool %s stays byte for byte', (_, tool) => {
  const { body, warnings } = send(openaiCompatible, `"tools":[${tool}]`)
  expect(body).toMatchObject({ tools: [JSON.parse(tool)] })
  expect(warnings).toEqual([])
})

test.each([
  '{"type":"openrouter:fusion"}',
  '{"type":"openrouter:advisor","parameters":{}}',
  '{"type":"advisor_20260301","name":"advisor"}',
  '{"type":"OpenRouter:Subagent"}',
  '{"type":"function","Type":"openrouter:fusion"}',
  '{"type":"namespace","tools":[{"type":"openrouter:fusion"}]}',
])('a tool that asks other models does not travel: %s', (tool) => {
  const beside = send(openrouter, `"tools":[${FUNCTION},${tool}],"tool_choice":"required"`)
  expect(beside.body).toMatchObject({ tools: [JSON.parse(FUNCTION)], tool_choice: 'required' })
  expect(beside.warnings).toEqual(['`tools.1` was not sent: it would choose who answers'])
  const alone = send(openrouter, `"tools":[${tool}],"tool_choice":"required","n":1`)
  expect(alone.body).toEqual({ model: 'm', n: 1 })
})

test.each([
  ['{"type":"image_generation","model":"a"}', '{"type":"image_generation"}', ['model']],
  ['{"type":"x","a":[{"search_model":"a","b":1}]}', '{"type":"x","a":[{"b":1}]}', ['search_model']],
  ['{"type":"x","provider":{},"fallbacks":[]}', '{"type":"x"}', ['provider', 'fallbacks']],
  ['{"type":"x","\\u006dodel":"a"}', '{"type":"x"}', ['model']],
])('a tool travels without what steers: %s', (tool, left, removed) => {
  const { body, warnings } = send(openaiCompatible, `"tools":[${tool}]`)
  expect(body).toEqual({ model: 'm', tools: [JSON.parse(left)] })
  expect(warnings).toEqual(removed.map((name) => `\`tools.0.${name}\` was not sent: it would choose who answers`))
})

test('of two members of one name the last is sent, which is the one that was looked at', () => {
  const { body } = send(openaiCompatible, '"tools":[{"type":"openrouter:fusion","type":"function","name":"f"}]')
  expect(JSON.stringify(body)).not.toContain('fusion')
})

test('the vendor itself takes its own tools; at another address of its type a gateway may answer', () => {
  const members = '"tools":[{"type":"image_generation","model":"a"}],"models":["b"]'
  expect(send(openai, members).body).toEqual({ model: 'm', tools: [{ type: 'image_generation' }] })
  const own = send(openai, members, { baseUrl: 'https://us.api.openai.com/v1' })
  expect(own.body).toEqual({ model: 'm', tools: [{ type: 'image_generation', model: 'a' }], models: ['b'] })
})

test('the models of a system of several are not for the caller', () => {
  const { body, warnings } = send(groq, '"compound_custom":{"models":{"answering_model":"a"}}', {
    baseUrl: 'https://api.groq.com/openai/v1',
  })
  expect(body).toEqual({ model: 'm' })
  expect(warnings).toEqual(['`compound_custom` was not sent: it would choose who answers'])
})
