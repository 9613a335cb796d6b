import { parseScript } from '#providers/demo/parse-script.ts'
import type { Command } from './command.ts'
import { parseArguments, portOf } from './arguments.ts'
import { startMock } from './mock.ts'

const DEFAULT_PORT = 4010

/** `tutti mock`: a scripted provider on a port of this machine, until it is stopped. */
export const mockCommand: Command = {
  usage: 'tutti mock [--port N] [--script FILE]',
  summary: 'Serves a scripted provider with faults, for tests.',
  async run(args, runtime) {
    const { values } = parseArguments(args, { port: { type: 'string' }, script: { type: 'string' } })
    const script = values.script === undefined ? undefined : parseScript(await runtime.readData(values.script))
    const mock = await startMock({ port: portOf(values.port) ?? DEFAULT_PORT, ...(script && { script }) })
    runtime.out(`the scripted provider serves ${mock.url}; what arrived: GET ${new URL('/__requests', mock.url).href}`)
    await runtime.stopped()
    await mock.close()
    return 0
  },
}
