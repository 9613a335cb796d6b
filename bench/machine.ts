import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/** The project's folder. */
export const ROOT = dirname(import.meta.dirname)

/** The core of the measured server, and the one of everything around it. */
export type Core = 'measured' | 'other'

const CORES: Readonly<Record<Core, string>> = { measured: '1', other: '0' }

export const canPin = availableParallelism() > 1 && hasProgram('taskset')

/** The command that runs another one on a core; where that cannot be, the command itself. */
export function pinned(core: Core, command: readonly string[]): readonly string[] {
  return canPin ? ['taskset', '-c', CORES[core], ...command] : command
}

function hasProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))
}

/** CPU that a process has used so far in all its threads, user and system, in ms: the scheduler's own sum, to the nanosecond. */
export function cpuMs(pid: number): number {
  let nanoseconds = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) nanoseconds += cpuOfThread(`/proc/${pid}/task/${thread}`)
  return nanoseconds / 1e6
}

function cpuOfThread(folder: string): number {
  try {
    const [used = '0'] = readFileSync(`${folder}/schedstat`, 'utf8').split(' ')
    return Number(used)
  } catch {
    // It has just ended.
    return 0
  }
}

/** What the figures depend on, in words, without anything that names this machine. */
export function describeMachine(): readonly string[] {
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  const pin = canPin ? 'measured server on core 1, upstream and load on core 0' : 'not pinned: one core, or no taskset'
  return [
    `machine: ${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores, ${gigabytes} GB, Linux ${release()}`,
    `cores: ${pin}`,
    `commit: ${commit()}`,
    `versions: node ${process.version}, ${['hono', '@hono/node-server', 'undici'].map(packageVersion).join(', ')}`,
  ]
}

function commit(): string {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', 'src', 'providers', 'policies') !== ''
    return git('rev-parse', '--short', 'HEAD') + (changed ? ', with changes that are not committed' : '')
  } catch {
    return 'unknown'
  }
}

function packageVersion(name: string): string {
  return `${name} ${JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version}`
}
