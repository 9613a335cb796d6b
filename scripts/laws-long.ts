// `npm run laws:long -- 17 [--runs N] [--seed N] [--seconds N]`: the long form of a law, and its row in test/laws/RESULTS.md.
// Same code as the short form, more cases, another seed; a property stops after so many seconds, and what it reached is what the row says.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const ROOT = join(import.meta.dirname, '..')
const RESULTS = join(ROOT, 'test/laws/RESULTS.md')
const HEAD = `# Long forms of the laws: last figures

Written by \`npm run laws:long\`, never by hand. Cases are what each property reached, one number a property; what a law measures stands beside them by its name.

| law | date | machine | commit | command | seed | cases | seconds | outcome |
|---|---|---|---|---|---|---|---|---|
`

/** Laws that every store keeps, Durable Objects in workerd too. */
const OF_STATE = new Set(['2', '3', '4'])
/** Their files: a disk makes a run slower and finds nothing. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const OBJECTS = ['--config', 'test/workerd/vitest.config.ts', 'test/workerd/state-store.test.ts']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    seconds: { type: 'string', default: '100' },
  },
})
const [number] = positionals
const file = readdirSync(join(ROOT, 'test/laws')).find((name) => name.startsWith(`${number?.padStart(2, '0')}-`))
if (number === undefined || file === undefined) {
  console.error('give the number of a law that has a file in test/laws')
  process.exit(1)
}
process.exitCode = await runLaw(number, `test/laws/${file.slice(0, 3)}`)

async function runLaw(law: string, path: string): Promise<number> {
  const folder = mkdtempSync(join(FOLDER, 'tutti-laws-'))
  const counts = join(folder, 'counts')
  const began = performance.now()
  const env = {
    ...process.env,
    PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
    TMPDIR: folder,
    TUTTI_LAW_RUNS: values.runs,
    TUTTI_LAW_SEED: values.seed,
    TUTTI_LAW_SECONDS: values.seconds,
    TUTTI_LAW_COUNTS: counts,
  }
  const suites = [['--project', 'node', path], ...(OF_STATE.has(law) ? [[...OBJECTS, '-t', `law ${law}`]] : [])]
  const codes = await Promise.all(
    suites.map(async (suite) => {
      const args = ['run', ...suite, '--testTimeout=1800000', '--hookTimeout=1800000']
      const [code] = await once(spawn('vitest', args, { cwd: ROOT, stdio: 'inherit', env }), 'exit')
      return code
    }),
  )
  const status = codes.every((code) => code === 0) ? 0 : 1
  const reached = existsSync(counts) ? readFileSync(counts, 'utf8').trim().split('\n') : []
  rmSync(folder, { recursive: true })
  const command = `npm run laws:long -- ${law} --runs ${values.runs} --seed ${values.seed} --seconds ${values.seconds}`
  const took = Math.round((performance.now() - began) / 1000)
  const cells = [
    law,
    today(),
    machine(),
    commit(),
    `\`${command}\``,
    values.seed,
    reached.join(' '),
    took,
    status === 0 ? 'holds' : 'broken',
  ]
  keep(law, `| ${cells.join(' | ')} |`)
  return status
}

/** Replaces the law's row; rows stay in the order of the laws. */
function keep(law: string, row: string): void {
  const old = existsSync(RESULTS) ? readFileSync(RESULTS, 'utf8').split('\n') : []
  const rows = old.filter((line) => numberOf(line) > 0 && numberOf(line) !== Number(law))
  const sorted = [...rows, row].toSorted((a, b) => numberOf(a) - numberOf(b))
  writeFileSync(RESULTS, `${HEAD}${sorted.join('\n')}\n`)
  console.log(row)
}

function numberOf(row: string): number {
  return Number(row.split('|')[1]?.trim() || Number.NaN)
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}

function machine(): string {
  return `${cpus().length} cores, Node ${process.versions.node}`
}

/** What was measured: a commit, marked where the files differ from it. */
function commit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
  // The rows of other laws change nothing that is measured.
  const measured = ['src', 'providers', 'policies', 'test', ':!test/laws/RESULTS.md']
  return (
    git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', ...measured) === '' ? '' : '+changes')
  )
}
