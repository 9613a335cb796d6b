import { parseJson } from '#src/core/json.ts'
import { parseArguments } from './arguments.ts'
import type { Command } from './command.ts'
import { isGreeting } from './greeting.ts'
import type { ProgramRuntime } from './runtime.ts'
import { createRegister, type Register, type Wanted } from './transfers/register.ts'
import { transfersCsv, transfersJson, transfersText } from './transfers/render.ts'
import { UsageError } from './usage-error.ts'

/** `tutti transfers`: exits 0 with the register, 1 where a log cannot be read. */
export const transfersCommand: Command = {
  usage: 'tutti transfers --from DATE --to DATE [--home KR,…] LOG… [--csv | --json]',
  summary:
    'The register of cross-border transfers: who sent what class of data to whom, where, and by which configuration.',
  async run(args, runtime) {
    const { values, positionals } = parseArguments(args, {
      from: { type: 'string' },
      to: { type: 'string' },
      home: { type: 'string' },
      csv: { type: 'boolean' },
      json: { type: 'boolean' },
    })
    if (positionals.length === 0) throw new UsageError('give one or more files that hold a decision log')
    if (values.csv && values.json) throw new UsageError('`--csv` and `--json` are two forms: choose one')
    const wanted = {
      from: startOf(values.from, '--from'),
      until: dayAfter(startOf(values.to, '--to')),
      home: homeOf(values.home),
    }
    if (wanted.from >= wanted.until) throw new UsageError('`--to` is a day before `--from`')
    const register = createRegister(wanted)
    await fill(register, positionals, runtime)
    runtime.out(rendered(register, wanted, values))
    runtime.err(`${register.seen.decisions} decisions in the period; ${register.seen.atHome} attempts stayed at home`)
    return 0
  },
}

function rendered(
  register: Register,
  wanted: Wanted,
  form: { readonly csv?: boolean | undefined; readonly json?: boolean | undefined },
): string {
  const rows = register.rows()
  if (form.csv) return transfersCsv(rows)
  return form.json ? JSON.stringify(transfersJson(rows, wanted), null, 2) : transfersText(rows, wanted)
}

/** Lines between two words of progress. */
const PROGRESS_EVERY = 50_000

async function fill(register: Register, files: readonly string[], { lines, progress }: ProgramRuntime): Promise<void> {
  let total = 0
  for (const file of files) {
    let number = 0
    for await (const line of readable(file, lines(file))) {
      number++
      if (++total % PROGRESS_EVERY === 0) progress?.(`${total} lines read`)
      if (line.trim() === '' || isGreeting(line)) continue
      const record = parseJson(line)
      // A register with a hole in it is none.
      if (record === undefined)
        throw new UsageError(`${file}:${number}: this line of the log cannot be read; \`tutti verify-log\` says more`)
      register.add(record)
    }
  }
  progress?.('')
}

async function* readable(file: string, lines: AsyncIterable<string>): AsyncGenerator<string> {
  try {
    yield* lines
  } catch {
    throw new UsageError(`\`${file}\` cannot be read`)
  }
}

/** The first moment of a day, in UTC, as the log writes time. */
function startOf(day: string | undefined, flag: string): string {
  const time = day === undefined || day.length !== '2026-01-31'.length ? Number.NaN : Date.parse(`${day}T00:00:00Z`)
  if (Number.isNaN(time)) throw new UsageError(`\`${flag}\` takes a day in UTC, like \`2026-11-01\``)
  return new Date(time).toISOString()
}

function dayAfter(start: string): string {
  return new Date(Date.parse(start) + 24 * 60 * 60 * 1000).toISOString()
}

function homeOf(text = 'KR'): ReadonlySet<string> {
  const countries = text.split(',').map((country) => country.trim().toUpperCase())
  const wrong = countries.find((country) => country.length !== 2)
  if (wrong !== undefined)
    throw new UsageError(`\`${wrong}\` is no country: \`--home\` takes ISO codes, like \`KR,JP\``)
  return new Set(countries)
}
