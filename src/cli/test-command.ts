import { dirname, join } from 'node:path'
import { renderProblem } from '#src/config/problem.ts'
import { readCases, type PolicyCase } from '#src/config/read-cases.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { parseArguments, textOf } from './arguments.ts'
import type { Command } from './command.ts'
import { jsonOf, renderCase, renderSummary } from './policy-test/render.ts'
import { coverageOf, runCase, type Ran } from './policy-test/run.ts'
import type { ProgramRuntime } from './runtime.ts'
import { UsageError } from './usage-error.ts'

/** The file of cases that is taken where none is named: it stands beside the configuration. */
const BESIDE = 'tutti.cases.yaml'

/** `tutti test`: exits 0 where every case passes and enough rules are touched, else 1. */
export const testCommand: Command = {
  usage: 'tutti test [-c FILE] [CASES.yaml…] [--coverage PERCENT] [--json]',
  summary: 'Runs policy tests through the code that decides live requests; asks no provider.',
  async run(args, runtime) {
    const { values, positionals } = parseArguments(args, {
      config: { type: 'string', short: 'c' },
      coverage: { type: 'string' },
      json: { type: 'boolean' },
    })
    const least = percentOf(values.coverage)
    const loaded = await runtime.load(values.config, 'look')
    const { snapshot } = loaded
    if (!snapshot) {
      for (const problem of loaded.problems) runtime.err(renderProblem(problem))
      return 1
    }
    const files = await filesOf(positionals, loaded.file, runtime)
    const cases = casesOf(files, snapshot, runtime)
    if (cases === undefined) return 1
    if (loaded.demo) runtime.err('there is no tutti.yaml here and no `-c FILE`: this is the demo')
    const gateway = runtime.offline(snapshot)
    const ran: Ran[] = []
    for (const { file, tested } of cases) ran.push(await runCase(gateway, file, tested))
    const coverage = coverageOf(snapshot, ran)
    if (values.json) runtime.out(JSON.stringify(jsonOf(ran, coverage), null, 2))
    else runtime.out([...ran.map(renderCase), renderSummary(ran, coverage)].join('\n'))
    const enough = coverage.percent >= least
    if (!enough) runtime.err(`${coverage.percent}% of the rules are touched, and \`--coverage ${least}\` asks for more`)
    return enough && ran.every(({ misses }) => misses.length === 0) ? 0 : 1
  },
}

interface CasesText {
  readonly file: string
  readonly text: string
}

async function filesOf(named: readonly string[], config: string, runtime: ProgramRuntime): Promise<CasesText[]> {
  if (named.length > 0)
    return Promise.all([...new Set(named)].map(async (file) => ({ file, text: await textOf(file, runtime) })))
  const file = join(dirname(config), BESIDE)
  try {
    return [{ file, text: await runtime.readText(file) }]
  } catch {
    throw new UsageError(
      `there are no cases: name a file of them, or write \`${file}\`, which begins with\n` +
        'cases:\n  - name: what must hold\n    request: { model: chat, messages: [{ role: user, content: hi }] }\n' +
        '    expect: { outcome: route }',
    )
  }
}

/** The cases of all files; undefined: there are problems, and every one of them has been said. */
function casesOf(
  files: readonly CasesText[],
  snapshot: Snapshot,
  runtime: ProgramRuntime,
): readonly { readonly file: string; readonly tested: PolicyCase }[] | undefined {
  const read = files.map(({ file, text }) => ({ file, result: readCases(text, file, snapshot) }))
  for (const { result } of read)
    if (!result.ok) for (const problem of result.problems) runtime.err(renderProblem(problem))
  if (read.some(({ result }) => !result.ok)) return undefined
  return read.flatMap(({ file, result }) => (result.ok ? result.cases.map((tested) => ({ file, tested })) : []))
}

function percentOf(text: string | undefined): number {
  if (text === undefined) return 0
  const percent = Number(text)
  if (text.trim() === '' || !(percent >= 0 && percent <= 100))
    throw new UsageError(`\`${text}\` is no percentage: give a number from 0 to 100`)
  return percent
}
