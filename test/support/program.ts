import { main } from '#src/cli/main.ts'
import type { ProgramRuntime } from '#src/cli/runtime.ts'
import { createRuntime } from '#src/node.ts'

/** Runs the program in this process: what it printed and how it exited. */
export async function runProgram(args: readonly string[], more: Partial<ProgramRuntime> = {}) {
  const printed = { out: '', err: '' }
  const code = await main(args, {
    ...createRuntime(),
    out: (text) => void (printed.out += `${text}\n`),
    err: (text) => void (printed.err += `${text}\n`),
    ...more,
  })
  return { code, ...printed }
}
