import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderProblem } from '#src/config/problem.ts'
import { load } from '#src/load.ts'

const at = (name: string) => new URL(`./${name}`, import.meta.url)

test('a bad file shows all its problems at once, each with its place and how to mend it', async () => {
  const text = readFileSync(at('policies_bad.yaml'), 'utf8')
  const loaded = await load(text, {
    file: 'policies_bad.yaml',
    env: () => undefined,
    missing: 'note',
    hash: () => '0'.repeat(64),
  })
  expect(loaded.ok).toBe(false)
  const said = `${loaded.problems.map(renderProblem).join('\n')}\n`
  await expect(said).toMatchFileSnapshot('policies_bad.txt')
  // Every rule of the file is there to be wrong in its own way.
  const starts = text.split('\n').flatMap((line, index) => (line.startsWith('  - ') && index > 8 ? [index + 1] : []))
  const lines = loaded.problems.map((problem) => problem.line)
  const silent = starts.filter((start, index) => {
    const next = starts[index + 1] ?? Number.MAX_SAFE_INTEGER
    return !lines.some((line) => line >= start && line < next)
  })
  // The first of two rules that do not go together is as good as any.
  expect(silent.map((line) => text.split('\n')[line - 1])).toEqual(['  - name: same-name', '  - name: sets-it-cold'])
})
