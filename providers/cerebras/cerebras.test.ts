import { expect, test } from 'vitest'
import { cerebras } from './index.ts'

test('a 400 without a body is a prompt that is too long', () => {
  expect(cerebras.decodeError({ status: 400, headers: {} }, '')).toMatchObject({
    failure: { status: 400, code: 'context_length_exceeded' },
    retry: 'next',
  })
})
