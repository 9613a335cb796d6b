import { cpuMs } from './machine.ts'
import { type Load, type LoadResult, type Plan } from './protocol.ts'
import { freePort, listening, start, type Process } from './processes.ts'
import type { Subject } from './subjects.ts'

/** The upstream and the load generator, on the other core. */
export interface Lab {
  readonly upstream: string
  plan(plan: Plan): Promise<void>
  /** Runs a load against a server. Throws when an answer was not whole. */
  load(subject: Subject, load: Omit<Load, 'url' | 'headers' | 'callers'>): Promise<Sample>
  stop(): Promise<void>
}

/** One load, over. */
export interface Sample extends LoadResult {
  /** CPU of the measured server, in ms. */
  readonly cpuMs: number
}

export async function openLab(): Promise<Lab> {
  const port = await freePort()
  const program = (name: string, ...args: string[]): Process =>
    start({ core: 'other', command: [process.execPath, `${import.meta.dirname}/${name}`, ...args], channel: true })
  const upstream = program('upstream.ts', String(port))
  const generator = program('load.ts')
  await listening(port)
  return {
    upstream: `http://127.0.0.1:${port}`,
    plan: (plan) => upstream.ask(plan),
    async load({ title, url, headers, callers, process }, load) {
      const before = cpuMs(process.pid)
      const result = await generator.ask<LoadResult>({ ...load, url, headers, callers })
      const used = cpuMs(process.pid) - before
      if (result.failed > 0) {
        throw new Error(
          `${title}: ${result.failed} of ${result.requests} answers were not whole: ${result.firstFailure}`,
        )
      }
      return { ...result, cpuMs: used }
    },
    async stop() {
      await Promise.all([upstream.stop(), generator.stop()])
    },
  }
}

/**
 * Runs every subject once a round, the rounds one after the other (A B C A B C ...), so that what changes on the machine meanwhile meets all
 * alike. Each other round goes backwards. Gives all samples of each subject.
 */
export async function alternate<Value>(
  subjects: readonly Subject[],
  rounds: number,
  run: (subject: Subject) => Promise<Value>,
): Promise<ReadonlyMap<Subject, readonly Value[]>> {
  const samples = new Map<Subject, Value[]>(subjects.map((subject) => [subject, []]))
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? subjects : subjects.toReversed()
    for (const subject of order) samples.get(subject)?.push(await run(subject))
  }
  return samples
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
