import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { absent } from './require.ts'

/** Of the two that speak its protocol those that this machine has: `TUTTI_REDIS=valkey-server npm test` has every suite run on that one. */
const PROGRAMS = [process.env['TUTTI_REDIS'] ?? 'redis-server', 'redis-server', 'valkey-server'].filter(isThere)
export const PROGRAM = PROGRAMS[0] ?? 'redis-server'
/** What has to hold on both runs on this one too. */
export const OTHER = PROGRAMS.find((program) => program !== PROGRAM)

export const redisAbsent = (): boolean => absent('redis', PROGRAMS.length > 0)

export interface TestRedis {
  readonly port: number
  readonly folder: string
  readonly url: string
  /** Ends it as a power cut would. */
  kill(): Promise<void>
  end(): Promise<void>
}

/** A server of its own on a free port of this machine, with a folder of its own, or in the place of one that is gone. `args`: more of its options. */
export async function startRedis(
  args: readonly string[] = [],
  before?: Pick<TestRedis, 'port' | 'folder'>,
  program: string = PROGRAM,
): Promise<TestRedis> {
  const { folder, port } = before ?? { folder: mkdtempSync(join(tmpdir(), 'tutti-redis-')), port: await freePort() }
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--daemonize', 'no']
  const child = spawn(program, [...options, ...args], { stdio: 'ignore' })
  await accepting(port)
  return {
    port,
    folder,
    url: `redis://127.0.0.1:${port}`,
    kill: () => gone(child, 'SIGKILL'),
    async end() {
      await gone(child, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export interface TestCluster {
  readonly nodes: readonly TestRedis[]
  readonly urls: readonly [string, ...string[]]
  end(): Promise<void>
}

/** Three masters without replicas. */
export async function startRedisCluster(): Promise<TestCluster> {
  const options = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000']
  const nodes: TestRedis[] = []
  for (let i = 0; i < 3; i++) nodes.push(await startRedis([...options, '--cluster-port', `${await freePort()}`]))
  const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`)
  redisCli(nodes[0], ['--cluster', 'create', ...hosts, '--cluster-replicas', '0', '--cluster-yes'])
  for (const node of nodes) await until(() => redisCli(node, ['cluster', 'info']).includes('cluster_state:ok'))
  const [first = '', ...others] = nodes.map(({ url }) => url)
  return {
    nodes,
    urls: [first, ...others],
    async end() {
      for (const node of nodes) await node.end()
    },
  }
}

/** Asks a server by its own program. */
export function redisCli(redis: TestRedis | undefined, args: readonly string[]): string {
  return execFileSync(PROGRAM.replace(/server$/, 'cli'), ['-p', `${redis?.port}`, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Until it holds, looked at every 20 ms. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => void setTimeout(resolve, 20))
}

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Below those that the system gives to connections, one of which might have it by the time that a server wants it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(16_000, 32_000)
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer()
      server.on('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (free) return port
  }
}

async function accepting(port: number): Promise<void> {
  await until(
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.destroy()
          resolve(true)
        })
        socket.on('error', () => resolve(false))
      }),
  )
}

function gone(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}
