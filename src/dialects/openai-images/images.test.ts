import { expect, test } from 'vitest'
import { mostOutput } from '#src/accounting/price.ts'
import { openaiImages } from './index.ts'

const asked = (more: object) =>
  openaiImages.sense(
    openaiImages.read(JSON.stringify({ model: 'gpt-image-2', prompt: '서울의 밤', ...more }), {
      id: 'req_1',
      tags: [],
      metadata: {},
      path: '/v1/images/generations',
      header: () => undefined,
    }),
  )

test('what pictures may cost is held: the most tokens of one, for each', () => {
  const facts = { maxOutput: 6240 }
  expect(mostOutput(asked({}), facts)).toBe(6240n)
  expect(mostOutput(asked({ n: 3 }), facts)).toBe(18_720n)
  expect(mostOutput(asked({ n: 3 }), {})).toBeUndefined()
})
