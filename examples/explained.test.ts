// Every example is loaded as `tutti serve` would, and decides one request as it says.
import { hash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { load } from '#src/load.ts'
import { main } from '#src/cli/main.ts'
import { renderProblem } from '#src/config/problem.ts'
import type { Decision } from '#src/core/decision.ts'
import { createRuntime } from '#src/node.ts'
import { explain } from '#src/pipeline/explain.ts'

/** What `tutti explain` says of the request beside it. */
interface Expected {
  readonly key?: string
  readonly outcome: Decision['outcome']
  readonly plan: readonly string[]
  /** Targets and the rules that deny them. */
  readonly denied?: Readonly<Record<string, string>>
  readonly verdicts?: Readonly<Record<string, string>>
}

const examples = readdirSync(import.meta.dirname).filter((name) =>
  existsSync(join(import.meta.dirname, name, 'tutti.yaml')),
)

describe.each(examples)('examples/%s', (name) => {
  const read = (file: string): string => readFileSync(join(import.meta.dirname, name, file), 'utf8')

  test('is good, without a warning', async () => {
    const loaded = await loadExample(read('tutti.yaml'))
    expect(loaded.problems.map(renderProblem)).toEqual([])
  })

  test('decides its request as it says', async () => {
    const loaded = await loadExample(read('tutti.yaml'))
    if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
    const { key, ...expected }: Expected = JSON.parse(read('expected.json'))
    const question = { body: JSON.parse(read('request.json')), seed: 'example', ...(key !== undefined && { key }) }
    const decision = await explain(createRuntime().offline(loaded.snapshot), question)
    const of = (target: string) => decision.candidates.find((candidate) => candidate.target === target)
    expect({
      outcome: decision.outcome,
      plan: decision.plan,
      ...(expected.denied && { denied: mapValues(expected.denied, (target) => of(target)?.rule) }),
      ...(expected.verdicts && { verdicts: mapValues(expected.verdicts, (target) => of(target)?.verdict) }),
    }).toEqual(expected)
  })
})

describe.each(examples.filter((name) => existsSync(join(import.meta.dirname, name, 'cases.yaml'))))(
  'examples/%s/cases.yaml',
  (name) => {
    test('holds, and touches every rule', async () => {
      const [config, cases] = ['tutti.yaml', 'cases.yaml'].map((file) => join(import.meta.dirname, name, file))
      let said = ''
      const say = (text: string): void => void (said += `${text}\n`)
      const args = ['test', '-c', config ?? '', cases ?? '', '--coverage', '100']
      const code = await main(args, { ...createRuntime(), out: say, err: say })
      expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' })
    })
  },
)

function loadExample(text: string) {
  const env = (variable: string): string | undefined =>
    variable.endsWith('_SHA256') ? hash('sha256', variable) : `${variable}-value`
  return load(text, { file: 'tutti.yaml', env, missing: 'error', hash: (input) => hash('sha256', input) })
}

function mapValues(record: object, value: (name: string) => string | undefined): object {
  return Object.fromEntries(Object.keys(record).map((name) => [name, value(name)]))
}
