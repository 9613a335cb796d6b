import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configFor, type ConfigOptions, type State } from './config.ts'
import { bun, portkey } from './peers.ts'
import { freePort, listening, start, type Process } from './processes.ts'

/** A server that is measured. */
export interface Subject {
  readonly id: SubjectId
  readonly title: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Callers that take turns. */
  readonly callers: number
  readonly process: Process
}

export type SubjectId =
  | 'node-undici'
  | 'hono-undici'
  | 'hono-fetch'
  | 'portkey'
  | 'tutti'
  | 'tutti-logs'
  | 'tutti-spending'
  | 'tutti-sqlite'
  | 'tutti-redis'
  | 'tutti-callers'
  | 'tutti-callers-many'
  | 'tutti-few'
  | 'tutti-many'
  | 'tutti-bun'

interface Variant extends Omit<ConfigOptions, 'upstream' | 'spending'> {
  readonly spending?: State['driver']
  /** All of its keys take turns. */
  readonly turns?: true
}

const MEASURED: Variant = { rules: 50, keys: 1, logs: false }

/** tutti's configurations that are measured, Node unless the id says otherwise. */
const VARIANTS: Readonly<Partial<Record<SubjectId, Variant>>> = {
  tutti: MEASURED,
  'tutti-logs': { ...MEASURED, logs: true },
  'tutti-spending': { ...MEASURED, spending: 'memory' },
  'tutti-sqlite': { ...MEASURED, spending: 'sqlite' },
  'tutti-redis': { ...MEASURED, spending: 'redis' },
  'tutti-callers': { ...MEASURED, keys: 10, turns: true, spending: 'memory' },
  'tutti-callers-many': { ...MEASURED, keys: 100_000, turns: true, spending: 'memory' },
  'tutti-few': { ...MEASURED, rules: 10, keys: 10 },
  'tutti-many': { ...MEASURED, rules: 10_000, keys: 10_000 },
  'tutti-bun': MEASURED,
}

const TITLES: Readonly<Record<SubjectId, string>> = {
  'node-undici': 'floor: node:http + undici',
  'hono-undici': 'floor: Hono + undici',
  'hono-fetch': 'floor: Hono + global fetch',
  portkey: 'Portkey',
  tutti: 'tutti: a key, 50 rules, metrics',
  'tutti-logs': 'tutti: the same, and the decision log',
  'tutti-spending': 'tutti: the same, and a budget and limits in memory',
  'tutti-sqlite': 'tutti: the same, and a budget and limits in sqlite',
  'tutti-redis': 'tutti: the same, and a budget and limits in Redis',
  'tutti-callers': 'tutti: 10 keys in turn, each with a budget and limits',
  'tutti-callers-many': 'tutti: 100,000 keys in turn, each with a budget and limits',
  'tutti-few': 'tutti: 10 rules, 10 keys',
  'tutti-many': 'tutti: 10,000 rules, 10,000 keys',
  'tutti-bun': 'tutti on Bun',
}

export interface Subjects {
  readonly list: readonly Subject[]
  /** Why some could not be started. */
  readonly missing: readonly string[]
  /** What the peers are, for the head of the report. */
  readonly versions: readonly string[]
  stop(): Promise<void>
}

interface Context {
  readonly upstream: string
  /** Its Redis, where it has one. */
  readonly redis: string
  readonly folder: string
  readonly versions: Map<string, string>
}

/** Starts these servers in front of `upstream`, each on a port of its own; one that cannot be started is left out and named. */
export async function startSubjects(ids: readonly SubjectId[], upstream: string): Promise<Subjects> {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-bench-'))
  const port = await freePort()
  const redis = ids.includes('tutti-redis') ? await startRedis(port, folder) : undefined
  const context: Context = { upstream, redis: `redis://127.0.0.1:${port}`, folder, versions: new Map() }
  const list: Subject[] = []
  const missing: string[] = []
  for (const id of ids) {
    try {
      list.push(await startSubject(id, context))
    } catch (error) {
      missing.push(
        `${TITLES[id]} could not be measured: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
      )
    }
  }
  return {
    list,
    missing,
    versions: [...context.versions].map(([name, version]) => `${name} ${version}`),
    async stop() {
      await Promise.all(list.map((subject) => subject.process.stop()))
      await redis?.stop()
      rmSync(context.folder, { recursive: true, force: true })
    },
  }
}

/** On the core of the upstream; undefined: there is none on this machine. */
async function startRedis(port: number, folder: string): Promise<Process | undefined> {
  if (spawnSync('redis-server', ['--version']).status !== 0) return undefined
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  const redis = start({ core: 'other', command: ['redis-server', ...options], channel: false })
  await listening(port)
  return redis
}

function stateFor(driver: State['driver'], { folder, redis }: Context): State {
  if (driver === 'sqlite') return { driver, path: join(folder, 'state.db') }
  return driver === 'redis' ? { driver, url: redis } : { driver }
}

async function startSubject(id: SubjectId, context: Context): Promise<Subject> {
  const port = await freePort()
  const command = commandOf(id, port, context)
  const trusted = { TRUSTED_CUSTOM_HOSTS: '127.0.0.1,localhost' }
  const process = start({
    core: 'measured',
    command,
    channel: command[0] !== undefined && isNode(command[0]),
    ...(id === 'portkey' && { env: trusted }),
  })
  try {
    await listening(port)
  } catch (error) {
    await process.stop()
    throw error
  }
  const url = `http://127.0.0.1:${port}/v1/chat/completions`
  const portkeyHeaders = { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${context.upstream}/v1` }
  const { turns, keys } = VARIANTS[id] ?? {}
  const callers = turns ? (keys ?? 1) : 1
  return { id, title: TITLES[id], url, headers: id === 'portkey' ? portkeyHeaders : {}, callers, process }
}

function isNode(program: string): boolean {
  return program === process.execPath
}

function commandOf(id: SubjectId, port: number, context: Context): readonly string[] {
  const variant = VARIANTS[id]
  if (variant) return tuttiCommand(id, { port, variant, context })
  const probed = [process.execPath, '--import', join(import.meta.dirname, 'probe.ts')]
  if (id !== 'portkey')
    return [...probed, join(import.meta.dirname, 'floors', `${id}.ts`), String(port), context.upstream]
  const { program, version } = portkey()
  context.versions.set('@portkey-ai/gateway', version)
  return [...probed, program, `--port=${port}`, '--headless']
}

function tuttiCommand(
  id: SubjectId,
  { port, variant, context }: { port: number; variant: Variant; context: Context },
): readonly string[] {
  const file = join(context.folder, `${id}.json`)
  const spending = variant.spending && stateFor(variant.spending, context)
  writeFileSync(file, configFor({ ...variant, spending, upstream: context.upstream }))
  if (id === 'tutti-bun') {
    const { program, version } = bun()
    context.versions.set('bun', version)
    return [program, join(import.meta.dirname, 'bun-server.ts'), String(port), file]
  }
  const profile = process.env['BENCH_CPU_PROFILE']
  const profiled = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const program = [process.execPath, ...profiled, '--import', join(import.meta.dirname, 'probe.ts')]
  return [...program, join(import.meta.dirname, '..', 'bin', 'tutti.mjs'), 'serve', '-c', file, '--port', String(port)]
}
