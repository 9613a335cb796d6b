import type { Command } from './command.ts'
import { parseArguments, portOf, refusePositionals, textOf } from './arguments.ts'
import { startMock } from './mock.ts'
import { readScript } from './read-script.ts'

const DEFAULT_PORT = 4010

/** `tutti mock`: a scripted provider on a port of this machine, until it is stopped. */
export const mockCommand: Command = {
  usage: 'tutti mock [--port N] [--script FILE]',
  summary: 'Serves a scripted provider with faults, for tests.',
  async run(args, runtime) {
    const { values, positionals } = parseArguments(args, { port: { type: 'string' }, script: { type: 'string' } })
    refusePositionals(positionals, ': name a script with `--script FILE`')
    const read =
      values.script === undefined ? undefined : readScript(await textOf(values.script, runtime), values.script)
    if (read?.ok === false) {
      for (const problem of read.problems) runtime.err(problem)
      return 1
    }
    const port = portOf(values.port) ?? DEFAULT_PORT
    const mock = await startMock({ port, ...(read && { script: read.script }) }).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
    })
    if (!mock) {
      runtime.err(`tutti mock could not serve: port ${port} is taken: \`--port N\` takes another`)
      return 1
    }
    runtime.out(`the scripted provider serves ${mock.url}; what arrived: GET ${new URL('/__requests', mock.url).href}`)
    await runtime.stopped()
    await mock.close()
    return 0
  },
}
