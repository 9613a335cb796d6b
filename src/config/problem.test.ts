import { expect, test } from 'vitest'
import { renderByPath, renderProblem } from './problem.ts'

const PROBLEM = {
  file: 'config',
  line: 3,
  column: 5,
  severity: 'error',
  path: 'providers.opena',
  message: 'no known type',
} as const

test('a place in a file, or in an object that nobody saw as text', () => {
  expect(renderProblem(PROBLEM)).toBe('config:3:5: no known type')
  expect(renderByPath({ ...PROBLEM, mend: 'write `openai`' })).toBe(
    'providers.opena: no known type\n    write `openai`',
  )
  expect(renderByPath({ ...PROBLEM, path: '', severity: 'warning' })).toBe('config: warning: no known type')
})
