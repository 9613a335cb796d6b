import type { ProgramRuntime } from './runtime.ts'

/** One command of INTERFACE.md section 1: its arguments in, its exit code out. */
export interface Command {
  readonly summary: string
  readonly usage: string
  run(args: readonly string[], runtime: ProgramRuntime): Promise<number>
}
