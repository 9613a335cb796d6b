import type { Command } from './command.ts'
import { parseArguments } from './arguments.ts'
import { UsageError } from './usage-error.ts'

const KEY_BYTES = 32

/** `tutti keys new ID`: a new credential, shown once, and what goes into the file. */
export const keysCommand: Command = {
  usage: 'tutti keys new ID',
  summary: 'Makes a key: the credential for the caller, and its line for `keys` in tutti.yaml.',
  async run(args, runtime) {
    const { positionals } = parseArguments(args, {})
    const [verb, id] = positionals
    if (verb !== 'new' || id === undefined || positionals.length > 2)
      throw new UsageError('give `new` and the id of the key')
    const credential = `tutti-${runtime.random(KEY_BYTES)}`
    runtime.out(
      `the credential, shown only now:\n  ${credential}\n\nin tutti.yaml:\nkeys:\n  - { id: ${JSON.stringify(id)}, sha256: ${runtime.hash(credential)} }`,
    )
    return 0
  },
}
