import { parseDuration } from '#src/config/units.ts'
import { FailureError } from '#src/core/failure.ts'
import { parseJson, type Json } from '#src/core/json.ts'
import { changeKey, createKey, listKeys, revokeKey, rotateKey, type KeyDesk } from '#src/pipeline/manage-keys.ts'
import type { Command } from './command.ts'
import { parseArguments } from './arguments.ts'
import { openState } from './open-state.ts'
import type { ProgramRuntime } from './runtime.ts'
import { UsageError } from './usage-error.ts'

const KEY_BYTES = 32

/** What is done with keys of the store, and what the words behind it are. */
const WORK = {
  list: { words: 0, run: (desk) => listKeys(desk) },
  create: { words: 1, run: async (desk, [fields]) => [await createKey(desk, jsonOf(fields))] },
  change: { words: 2, run: async (desk, [id = '', fields]) => [await changeKey(desk, id, jsonOf(fields))] },
  rotate: { words: 1, run: async (desk, [id = ''], overlap) => [await rotateKey(desk, id, overlap)] },
  revoke: { words: 1, run: async (desk, [id = '']) => [await revokeKey(desk, id)] },
} as const satisfies Readonly<Record<string, Work>>

interface Work {
  readonly words: number
  run(desk: KeyDesk, words: readonly string[], overlap: number): Promise<readonly object[]>
}

/** `tutti keys new ID`: a new credential, shown once, and what goes into the file. The others act on the store that the configuration names. */
export const keysCommand: Command = {
  usage: [
    'tutti keys new ID',
    'tutti keys list|create FIELDS|change ID FIELDS|rotate ID [--overlap 1h]|revoke ID [-c FILE]',
  ].join('\n       '),
  summary:
    'Makes a key for `keys` in tutti.yaml (`new`), or lists and changes those of the store that gateways run on: FIELDS is JSON, as `keys` has them.',
  async run(args, runtime) {
    const { values, positionals } = parseArguments(args, {
      config: { type: 'string', short: 'c' },
      overlap: { type: 'string' },
    })
    const [verb = '', ...words] = positionals
    const [id] = words
    if (verb === 'new' && id !== undefined && words.length === 1 && Object.keys(values).length === 0)
      return printNew(id, runtime)
    const work = isWork(verb) ? WORK[verb] : undefined
    if (work?.words !== words.length || (values.overlap !== undefined && verb !== 'rotate'))
      throw new UsageError('say what is to be done, with the words that it takes')
    const overlap = parseDuration(values.overlap ?? '0s')
    if (overlap === undefined) throw new UsageError('`--overlap` is a duration like `1h`')
    return onStore(values.config, runtime, (desk) => work.run(desk, words, overlap))
  },
}

function isWork(verb: string): verb is keyof typeof WORK {
  return Object.hasOwn(WORK, verb)
}

function printNew(id: string, runtime: ProgramRuntime): number {
  const credential = `tutti-${runtime.random(KEY_BYTES)}`
  runtime.out(
    `the credential, shown only now:\n  ${credential}\n\nin tutti.yaml:\nkeys:\n  - { id: ${JSON.stringify(id)}, sha256: ${runtime.hash(credential)} }`,
  )
  return 0
}

function jsonOf(text = ''): Json | undefined {
  const value = parseJson(text)
  if (value === undefined) throw new UsageError('FIELDS is JSON: `{"id":"bot","models":["chat"]}`')
  return value
}

/** Prints what comes of it, a line of JSON each. */
async function onStore(
  config: string | undefined,
  runtime: ProgramRuntime,
  run: (desk: KeyDesk) => Promise<readonly object[]>,
): Promise<number> {
  const opened = await openState(config, '/-/keys', runtime)
  if (!opened) return 1
  const { store, snapshot } = opened
  try {
    const done = await run({ store, snapshot, clock: Date, hash: runtime.hash, minter: undefined })
    for (const one of done) runtime.out(JSON.stringify(one))
    return 0
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    runtime.err(error.message)
    return 1
  } finally {
    await store.close()
  }
}
