import { renderProblem } from '#src/config/problem.ts'
import { parseArguments } from './arguments.ts'
import type { Command } from './command.ts'

/** `tutti check`: exits 0 for a good file, 1 for a bad one. */
export const checkCommand: Command = {
  usage: 'tutti check [-c FILE] [--json]',
  summary: 'Shows all problems of a configuration at once, each with its place and how to mend it.',
  async run(args, runtime) {
    const { values } = parseArguments(args, { config: { type: 'string', short: 'c' }, json: { type: 'boolean' } })
    const loaded = await runtime.load(values.config, 'look')
    const good = loaded.snapshot !== undefined
    if (values.json) {
      runtime.out(
        JSON.stringify(
          { ok: good, file: loaded.file, epoch: loaded.snapshot?.epoch, problems: loaded.problems },
          null,
          2,
        ),
      )
      return good ? 0 : 1
    }
    for (const problem of loaded.problems) runtime.out(renderProblem(problem))
    runtime.out(good ? `${loaded.file} is good: epoch ${loaded.snapshot?.epoch}` : `${loaded.file} cannot be served`)
    return good ? 0 : 1
  },
}
