import { describe, expect, test } from 'vitest'
import { send } from '#providers/openai-compatible/testing.ts'
import { load } from '#src/load.ts'
import { ollama } from './index.ts'

test('what it ignores is told, what it misnames is renamed', () => {
  const { body, warnings } = send(ollama, '"tool_choice":"required","max_completion_tokens":5')
  expect(body).toEqual({ model: 'm', tool_choice: 'required', max_tokens: 5 })
  expect(warnings).toEqual([
    'the provider does not honour `tool_choice`',
    '`max_completion_tokens` was sent as `max_tokens`',
  ])
})

describe.each(['ollama', 'ollama-native'])('%s', (type) => {
  const factsOf = async (model: string) => {
    const house = `{ type: ${type}, operator: { name: us, country: KR }, region: KR, local: true, trainsOnData: false, models: { "${model}": { developer: lg, lineage: [] } } }`
    const text = `version: 1\nproviders:\n  house: ${house}\n`
    const loaded = await load(text, {
      file: 'tutti.yaml',
      env: () => undefined,
      missing: 'note',
      hash: () => '0'.repeat(64),
    })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    return loaded.snapshot.targets.get(`house/${model}`)?.facts
  }

  test.each(['deepseek-v3.1:671b-cloud', 'gpt-oss:120B-Cloud', 'glm-5:cloud'])(
    '%s leaves the machine',
    async (model) => {
      const facts = await factsOf(model)
      expect(facts).toMatchObject({ operator: 'ollama', local: false, developer: 'lg', lineage: [] })
      for (const unknown of ['operatorCountry', 'region', 'trainsOnData']) expect(facts).not.toHaveProperty(unknown)
    },
  )

  test.each(['exaone:32b', 'cloudy:7b', 'cloud'])('%s runs where the file says', async (model) => {
    expect(await factsOf(model)).toMatchObject({
      operator: 'us',
      operatorCountry: 'KR',
      region: 'KR',
      local: true,
      trainsOnData: false,
    })
  })
})
