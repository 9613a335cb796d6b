import { renderProblem } from '#src/config/problem.ts'
import { NAME_FILE, parseArguments, refusePositionals } from './arguments.ts'
import type { Command } from './command.ts'

/** `tutti check`: exits 0 for a good file, 1 for a bad one. */
export const checkCommand: Command = {
  usage: 'tutti check [-c FILE] [--json]',
  summary: 'Shows all problems of a configuration at once, each with its place and how to mend it.',
  async run(args, runtime) {
    const { values, positionals } = parseArguments(args, {
      config: { type: 'string', short: 'c' },
      json: { type: 'boolean' },
    })
    refusePositionals(positionals, NAME_FILE)
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
    const what = loaded.demo ? 'there is no tutti.yaml here and no `-c FILE`; the demo' : loaded.file
    runtime.out(good ? `${what} is good: epoch ${loaded.snapshot?.epoch}` : `${what} cannot be served`)
    return good ? 0 : 1
  },
}
