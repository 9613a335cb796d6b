import { checkCommand } from './check.ts'
import { explainCommand } from './explain.ts'
import { keysCommand } from './keys.ts'
import { ledgerCommand } from './ledger-command.ts'
import { mockCommand } from './mock-command.ts'
import { replayCommand } from './replay.ts'
import type { ProgramRuntime } from './runtime.ts'
import { serveCommand } from './serve.ts'
import { testCommand } from './test-command.ts'
import { transfersCommand } from './transfers-command.ts'
import { UsageError } from './usage-error.ts'
import { verifyLogCommand } from './verify-log-command.ts'
import type { Command } from './command.ts'

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: serveCommand,
  check: checkCommand,
  explain: explainCommand,
  replay: replayCommand,
  'verify-log': verifyLogCommand,
  transfers: transfersCommand,
  test: testCommand,
  mock: mockCommand,
  keys: keysCommand,
  ledger: ledgerCommand,
}

/** Commands that later versions bring: refused, so that nothing is accepted and ignored. */
const LATER = new Set(['prove', 'init', 'import', 'catalog'])

/** Runs the program; the answer is its exit code. */
export async function main(args: readonly string[], runtime: ProgramRuntime): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    runtime.out(overview())
    return name === undefined ? 1 : 0
  }
  if (name === '--version') {
    runtime.out(`tutti ${await runtime.version()}`)
    return 0
  }
  const command = COMMANDS[name]
  if (!command || !Object.hasOwn(COMMANDS, name)) {
    runtime.err(
      LATER.has(name) ? `tutti ${name}: not in this version` : `\`${name}\` is no command of tutti\n\n${overview()}`,
    )
    return 1
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    runtime.out(`${command.usage}\n\n${command.summary}`)
    return 0
  }
  try {
    return await command.run(rest, runtime)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    runtime.err(`${error.message}\nusage: ${command.usage}`)
    return 1
  }
}

function overview(): string {
  const lines = Object.values(COMMANDS).map(({ usage, summary }) => `  ${usage}\n      ${summary}`)
  return `tutti: one endpoint, many models, rules anybody can read\n\n${lines.join('\n')}\n\nEvery command takes --help; tutti --version.`
}
