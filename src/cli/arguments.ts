import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { ProgramRuntime } from './runtime.ts'
import { UsageError } from './usage-error.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/** Flags and positionals of one command. Throws UsageError for an unknown flag or a missing value. */
export function parseArguments<T extends Options>(args: readonly string[], options: T) {
  const unknown = args.find((arg) => arg.startsWith('--') && !isKnown(arg, options))
  if (unknown !== undefined) throw new UsageError(`\`${unknown}\` is no option of this command`)
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'these arguments do not fit')
  }
}

function isKnown(flag: string, options: Options): boolean {
  const [name = ''] = flag.slice(2).split('=')
  return name === '' || Object.hasOwn(options, name)
}

/** How a configuration is named. */
export const NAME_FILE = ': name a configuration with `-c FILE`'

/** For commands that take flags only: what stands alone would be ignored, and a file that was meant would not be read. */
export function refusePositionals([first]: readonly string[], hint = ''): void {
  if (first !== undefined) throw new UsageError(`\`${first}\` says nothing here${hint}`)
}

/** A port number, 0 for any free one. */
export function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`\`${text}\` is not a port: give a number from 0 to 65535`)
  return port
}

/** The text of a file that the command line names. Throws UsageError where it cannot be read. */
export async function textOf(file: string, runtime: ProgramRuntime): Promise<string> {
  try {
    return await runtime.readText(file)
  } catch {
    throw new UsageError(`\`${file}\` cannot be read`)
  }
}
