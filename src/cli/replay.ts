import type { Snapshot } from '#src/core/snapshot.ts'
import { renderProblem } from '#src/config/problem.ts'
import type { Recorded } from '#src/pipeline/read-record.ts'
import { replay, type Replayable } from '#src/pipeline/replay.ts'
import { parseArguments } from './arguments.ts'
import type { Command } from './command.ts'
import { readLog } from './replay-lines.ts'
import { renderReplay, replayJson, type Report } from './replay-render.ts'
import { count, createSummary, type Side } from './replay-summary.ts'
import type { ProgramRuntime } from './runtime.ts'
import { UsageError } from './usage-error.ts'

/** `tutti replay`: exits 3 when a request that had a target would be left without one, 1 for bad input, else 0. */
export const replayCommand: Command = {
  usage: 'tutti replay -c NEW.yaml [--against OLD.yaml] DECISIONS.jsonl [--json]',
  summary: 'Shows what a configuration would have done to recorded traffic; asks no provider.',
  async run(args, runtime) {
    const { values, positionals } = parseArguments(args, {
      config: { type: 'string', short: 'c' },
      against: { type: 'string' },
      json: { type: 'boolean' },
    })
    const [log] = positionals
    if (log === undefined || positionals.length > 1) throw new UsageError('give one file that holds a decision log')
    if (values.config === undefined) throw new UsageError('name the new configuration with `-c NEW.yaml`')
    const after = await look(values.config, runtime)
    const before = values.against === undefined ? undefined : await look(values.against, runtime)
    if (!after || (!before && values.against !== undefined)) return 1
    const report = await replayLog({ log, after, ...(before && { before }) }, runtime)
    runtime.out(values.json ? JSON.stringify(replayJson(report), null, 2) : renderReplay(report))
    return report.summary.stranded.count > 0 ? 3 : 0
  },
}

/** undefined: the configuration is bad, and its problems were said. */
async function look(path: string, runtime: ProgramRuntime): Promise<Snapshot | undefined> {
  const { snapshot, problems } = await runtime.load(path, 'look')
  if (!snapshot) for (const problem of problems) runtime.err(renderProblem(problem))
  return snapshot
}

interface Work {
  readonly log: string
  readonly after: Snapshot
  /** undefined: what was recorded. */
  readonly before?: Snapshot
}

/** Decisions between two words of progress. */
const PROGRESS_EVERY = 5000

async function replayLog({ log, after, before }: Work, { lines, progress }: ProgramRuntime): Promise<Report> {
  const summary = createSummary()
  const report = {
    log,
    epoch: after.epoch,
    ...(before && { against: before.epoch }),
    summary,
    skipped: 0,
    withoutInputs: 0,
  }
  for await (const record of readLog(log, readable(log, lines(log)))) {
    if (record === 'other') report.skipped++
    else if (!isReplayable(record)) report.withoutInputs++
    else {
      const { id, model, key } = record
      const was = before ? decided(before, record) : record
      count(summary, { id, model, key, before: was, after: decided(after, record) })
      if (summary.total % PROGRESS_EVERY === 0) progress?.(`${summary.total} requests replayed`)
    }
  }
  progress?.('')
  return report
}

function isReplayable(record: Recorded): record is Replayable {
  return record.inputs !== undefined
}

function decided(snapshot: Snapshot, record: Replayable): Side {
  const again = replay(snapshot, record)
  if (again === 'unknown_key') return { plan: [], candidates: [], code: again }
  const { decision, failure } = again
  return { ...decision, ...(typeof failure?.code === 'string' && { code: failure.code }) }
}

async function* readable(file: string, lines: AsyncIterable<string>): AsyncGenerator<string> {
  try {
    yield* lines
  } catch {
    throw new UsageError(`\`${file}\` cannot be read`)
  }
}
