// The program on Node: the only file that joins undici's pools, sqlite and Node's HTTP server.
import { hash as digest, randomBytes } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, watch as watchFolder } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { DEMO_CONFIG } from '#providers/demo/config.ts'
import { main } from '#src/cli/main.ts'
import type { Loaded, LoadMode, ProgramRuntime, Served } from '#src/cli/runtime.ts'
import { createLineWriter } from '#src/cli/line-writer.ts'
import { splitLines } from '#src/cli/split-lines.ts'
import { FailureError } from '#src/core/failure.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { listen } from '#src/http/node-server.ts'
import { followHosts } from '#src/pipeline/follow-hosts.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createRedisStore } from '#src/state/redis.ts'
import { createSqliteStore } from '#src/state/sqlite.ts'
import { systemClock } from '#src/system-clock.ts'
import { createDecisionLog, type DecisionLog } from '#src/telemetry/decision-log.ts'
import { createUndiciTransport } from '#src/transport/undici.ts'
import { assemble } from './assemble.ts'
import { load } from './load.ts'

const FILES = ['tutti.yaml', 'tutti.yml', 'tutti.json', 'tutti.jsonc']

/** Editors write a file in several steps: a change counts once it has been quiet for this long, in ms. */
const WATCH_QUIET = 100

const sha256 = (text: string): string => digest('sha256', text)

/** Runs the program with its arguments; the answer is its exit code. */
export function run(args: readonly string[]): Promise<number> {
  if (args[0] !== 'serve')
    process.stdout.once('error', (error: NodeJS.ErrnoException) => {
      // Whoever reads has enough, as `head` has. A gateway whose log nobody takes is another matter.
      if (error.code === 'EPIPE') process.exit(1)
      throw error
    })
  return main(args, createRuntime())
}

/** What the program may do on Node. Exported for the project's own tests, which serve in their own process. */
export function createRuntime(): ProgramRuntime {
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    load: loadFile,
    watch: watchFile,
    serve,
    openStore: ({ state }) => openStore(state),
    offline: (snapshot) =>
      assemble(snapshot, { transport: createUndiciTransport(), store: createMemoryStore(), hash: sha256 }).gateway,
    readText: (path) => readFile(path, 'utf8'),
    lines: readLines,
    byteLines: readByteLines,
    ...(process.stderr.isTTY && { progress: (text) => void process.stderr.write(`\r${text}\u001B[K`) }),
    version,
    random: (bytes) => randomBytes(bytes).toString('hex'),
    hash: sha256,
    stopped,
  }
}

async function loadFile(
  path: string | undefined,
  mode: LoadMode,
  server?: { host?: string; port?: number },
): Promise<Loaded> {
  const file = path ?? FILES.find((name) => existsSync(name))
  const text = file === undefined ? DEMO_CONFIG : readIfThere(file)
  if (text === undefined) return unreadable(path ?? FILES.join(' or '))
  const loaded = await load(text, {
    file: file ?? 'demo',
    missing: mode === 'serve' ? 'error' : 'note',
    ...(mode === 'serve' && { hasBinding: () => false }),
    env: (name) => process.env[name],
    readFile: readIfThere,
    hash: sha256,
    ...(server && { server }),
  })
  const common = { file: file ?? 'demo', demo: file === undefined, problems: loaded.problems }
  return loaded.ok ? { ...common, snapshot: loaded.snapshot, settings: loaded.settings } : common
}

async function* readLines(path: string): AsyncGenerator<string> {
  for await (const line of readByteLines(path)) yield Buffer.from(line.buffer, line.byteOffset, line.length).toString()
}

function readByteLines(path: string): AsyncGenerator<Uint8Array> {
  return splitLines(createReadStream(path))
}

/** Of the package.json that is one folder above this file, built or not. */
async function version(): Promise<string> {
  const { version: own }: { version: string } = JSON.parse(
    await readFile(new URL('../package.json', import.meta.url), 'utf8'),
  )
  return own
}

function unreadable(file: string): Loaded {
  const mend = 'name a file that is there with `-c FILE`'
  const problem = { file, line: 1, column: 1, severity: 'error', path: '', message: 'cannot be read', mend } as const
  return { file, demo: false, problems: [problem] }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Watches the folder, because editors replace a file by another one of its name. */
function watchFile(path: string, changed: () => void): () => void {
  const name = basename(path)
  let timer: NodeJS.Timeout | undefined
  const watcher = watchFolder(dirname(resolve(path)), (_event, file) => {
    if (file !== name) return
    clearTimeout(timer)
    timer = setTimeout(changed, WATCH_QUIET)
  })
  return () => {
    clearTimeout(timer)
    watcher.close()
  }
}

async function serve({ snapshot, settings }: Loaded): Promise<Served> {
  if (!snapshot || !settings) throw new TypeError('a bad configuration cannot be served')
  const store = openStore(settings.state)
  const transport = createUndiciTransport()
  const log = settings.logs === 'json' ? await openLog(snapshot.epoch) : undefined
  const { gateway, app } = assemble(snapshot, { transport, store, hash: sha256, ...(log && { log: log.add }) })
  // What is denied is known before anybody asks. Until the state can be read no request is decided, and `/-/ready` says why.
  await gateway.ports.killSwitch.refresh(gateway)?.catch((error: unknown) => {
    process.stderr.write(`tutti is not ready: ${sayWhy(error)}\n`)
  })
  const server = await listen(app, snapshot.server)
  const unfollow = followHosts(gateway)
  return {
    url: server.url,
    gateway,
    take(next) {
      // Under the same epoch the decisions are the same.
      if (next.epoch !== gateway.snapshot.epoch) log?.reloaded(next.epoch)
      const { inventory, killSwitch } = gateway.ports
      // Until what is denied is in it, the file before is in force.
      const taken = killSwitch.take(gateway, next).catch(() => {
        // The state cannot be read: no request is decided until it can, and then by what it says.
        gateway.snapshot = inventory.inform(next)
      })
      void taken.then(() => inventory.attend(gateway))
    },
    async stop() {
      gateway.draining = true
      const { drain } = gateway.snapshot.server
      const enough = systemClock.after(drain, gateway.ports.bookkeeper.giveUp)
      await server.drain(drain)
      enough()
      unfollow()
      await transport.close()
      await store.close()
      gateway.ports.telemetry.end()
      await log?.close()
    },
  }
}

function sayWhy(error: unknown): string {
  const cause = error instanceof FailureError ? (error.failure.cause ?? error) : error
  return cause instanceof Error ? cause.message : String(cause)
}

async function openLog(epoch: string): Promise<DecisionLog> {
  return createDecisionLog({
    instance: randomBytes(8).toString('hex'),
    epoch,
    version: await version(),
    hash: sha256,
    now: Date.now,
    write: createLineWriter((text) => process.stdout.write(text)),
  })
}

function openStore(state: NonNullable<Loaded['settings']>['state']): StateStore {
  switch (state.driver) {
    case 'memory':
      return createMemoryStore()
    case 'sqlite':
      return createSqliteStore(state.path)
    case 'redis':
      return createRedisStore({ ...state, clock: systemClock })
  }
}

function stopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
}
