import { describe, expect, test } from 'vitest'
import type { Conversation } from '#src/core/conversation.ts'
import { objectAt } from '#src/core/json.ts'
import { CLAUDE, CLAUDE_46, assistant, call, encode, result, set, text, turn, user } from './testing.ts'

/** What Anthropic's own API refuses of its models is refused behind Converse too. */
const ALWAYS = 'global.anthropic.claude-sonnet-5-5'
const tools: Conversation['tools'] = [
  { kind: 'function', name: 'f' },
  { kind: 'function', name: 'g' },
]

describe('a model that always thinks', () => {
  test.each([
    [{ kind: 'required' }, ['f', 'g'], 'one of the tools'],
    [{ kind: 'named', name: 'g' }, ['g'], 'the tool g'],
    [{ kind: 'allowed', mode: 'required', names: ['f'] }, ['f'], 'one of the tools'],
  ] as const)('is asked in words for a call: %j', (choice, names, which) => {
    const { body, warnings, refused } = encode(ALWAYS, { tools, toolChoice: set(choice, 'tool_choice') })
    expect(refused).toEqual([])
    const wire = names.map((name) => ({ toolSpec: { name, inputSchema: { json: { type: 'object' } } } }))
    expect(body['toolConfig']).toEqual({ tools: wire })
    expect(body['system']).toEqual([{ text: `Answer with a call of ${which}, and with nothing else.` }])
    expect(warnings).toEqual(['`tool_choice` was put into words: the model cannot be made to call a tool'])
  })

  test('keeps its thoughts beside such words', () => {
    const choice = set({ kind: 'required' } as const, 'tool_choice')
    const { body } = encode(ALWAYS, { tools, toolChoice: choice, reasoning: set({ effort: 'low' }, 'r') })
    expect(body['additionalModelRequestFields']).toEqual({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'low' },
    })
  })

  test.each([
    [ALWAYS, { thinking: { type: 'between_tools' }, output_config: { effort: 'low' } }, 1],
    ['anthropic.claude-opus-5-5', { output_config: { effort: 'low' } }, 1],
    [CLAUDE_46, { thinking: { type: 'disabled' } }, 0],
  ] as const)('%s is told not to think', (model, fields, warned) => {
    const { body, warnings } = encode(model, { reasoning: set({ effort: 'none' }, 'r') })
    expect(body['additionalModelRequestFields']).toEqual(fields)
    expect(warnings).toHaveLength(warned)
  })
})

test.each([
  [CLAUDE_46, 'max', 1],
  ['anthropic.claude-opus-5', 'xhigh', 0],
] as const)('%s gets an effort that it has', (model, effort, warned) => {
  const { body, warnings } = encode(model, { reasoning: set({ effort: 'xhigh' }, 'r') })
  expect(objectAt(body['additionalModelRequestFields'], 'output_config')).toEqual({ effort })
  expect(warnings).toHaveLength(warned)
})

test.each([
  [CLAUDE, { effort: 'high' }],
  [CLAUDE, { budget: 2000 }],
  [CLAUDE_46, { budget: 2000 }],
] as const)('%s does not think by %j within a loop whose thoughts are not there', (model, reasoning) => {
  const turns = (vendor: string) => [
    user('x'),
    assistant({ type: 'reasoning', text: 't', signature: { vendor, value: 's' } }, call('c')),
    turn('tool', [result('c', text('r'))]),
  ]
  const without = encode(model, { turns: turns('other'), tools, reasoning: set(reasoning, 'r') })
  expect(without.body).not.toHaveProperty('additionalModelRequestFields')
  expect(without.warnings).toContain('`r` was not sent: the thoughts behind the last calls of tools are not there')
  const whole = encode(model, { turns: turns('aws-bedrock'), tools, reasoning: set(reasoning, 'r') })
  expect(objectAt(whole.body['additionalModelRequestFields'], 'thinking')).toMatchObject({ type: 'enabled' })
})

test('schemas are cut to what the grammar knows, and the caller is told', () => {
  const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 0 } } }
  const { body, warnings } = encode(CLAUDE, {
    output: set({ kind: 'schema', schema }, 'response_format'),
    tools: [{ kind: 'function', name: 'f', parameters: schema, strict: true }],
  })
  const cut = {
    type: 'object',
    properties: { n: { type: 'integer', description: '{minimum: 0}' } },
    additionalProperties: false,
  }
  expect(JSON.stringify(body['outputConfig'])).toContain(JSON.stringify(JSON.stringify(cut)).slice(1, -1))
  expect(body['toolConfig']).toEqual({
    tools: [{ toolSpec: { name: 'f', inputSchema: { json: cut }, strict: true } }],
  })
  expect(warnings).toEqual([
    "parameters of the tool `f` were changed: the provider's strict tools know fewer constraints",
    'the schema of `response_format` was changed: the provider knows fewer constraints',
  ])
})
