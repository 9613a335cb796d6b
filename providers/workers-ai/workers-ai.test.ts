import { expect, test } from 'vitest'
import { send } from '#providers/openai-compatible/testing.ts'
import { workersAi } from './index.ts'

test('a schema stands without what OpenAI wraps around it', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } }
  const format = { type: 'json_schema', json_schema: { name: 'n', strict: true, schema } }
  expect(send(workersAi, `"response_format":${JSON.stringify(format)}`).body).toEqual({
    model: 'm',
    response_format: { type: 'json_schema', json_schema: schema },
  })
  const bare = { type: 'json_schema', json_schema: schema }
  expect(send(workersAi, `"response_format":${JSON.stringify(bare)}`).body).toMatchObject({ response_format: bare })
})
