import { parseArguments } from './arguments.ts'
import type { Command } from './command.ts'
import type { ProgramRuntime } from './runtime.ts'
import { UsageError } from './usage-error.ts'
import { renderVerified, stateOf, verifiedJson } from './verify-log/render.ts'
import { createVerifier, type Verified, type VerifyOptions } from './verify-log/verify.ts'

/** `tutti verify-log`: exits 0 where every line of every chain is as it was written, else 1. */
export const verifyLogCommand: Command = {
  usage: 'tutti verify-log FILE… [--from-middle] [--closed] [--json]',
  summary: 'Finds lines of a decision log that were changed, removed, moved, repeated or put in.',
  async run(args, runtime) {
    const { values, positionals } = parseArguments(args, {
      'from-middle': { type: 'boolean' },
      closed: { type: 'boolean' },
      json: { type: 'boolean' },
    })
    if (positionals.length === 0) throw new UsageError('give one or more files that hold a decision log, oldest first')
    const verified = await verify(positionals, values['from-middle'] ?? false, runtime)
    const open = values.closed ? verified.chains.filter((chain) => stateOf(chain) === 'open') : []
    const holds = open.length === 0 && isWhole(verified)
    runtime.out(values.json ? JSON.stringify(verifiedJson(verified, holds), null, 2) : renderVerified(verified))
    if (verified.chains.length === 0) runtime.err('there is no line of a decision log in what was given')
    if (open.length > 0) runtime.err(`\`--closed\` asks for an \`end\`, and ${open.length} of the chains have none`)
    return holds ? 0 : 1
  },
}

/** A log without a line proves nothing. */
function isWhole({ chains, unchained }: Verified): boolean {
  return chains.length > 0 && unchained.count === 0 && chains.every(({ problem }) => !problem)
}

/** Lines between two words of progress. */
const PROGRESS_EVERY = 50_000

async function verify(
  files: readonly string[],
  fromMiddle: VerifyOptions['fromMiddle'],
  { hash, byteLines, progress }: ProgramRuntime,
): Promise<Verified> {
  const verifier = createVerifier({ hash, fromMiddle })
  let total = 0
  for (const file of files) {
    let line = 0
    for await (const bytes of readable(file, byteLines(file))) {
      verifier.add(bytes, { file, line: ++line })
      if (++total % PROGRESS_EVERY === 0) progress?.(`${total} lines read`)
    }
  }
  progress?.('')
  return verifier.verified()
}

async function* readable(file: string, lines: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* lines
  } catch {
    throw new UsageError(`\`${file}\` cannot be read`)
  }
}
