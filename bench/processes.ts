import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { pinned, ROOT, type Core } from './machine.ts'

/** A process of the bench. */
export interface Process {
  readonly pid: number
  /** Sends one message and resolves with the answer. */
  ask<Answer>(message: unknown): Promise<Answer>
  stop(): Promise<void>
}

/** What does not stop in this time, in ms, is killed. */
const STOP_MS = 3000

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export interface StartOptions {
  readonly core: Core
  readonly command: readonly string[]
  /** With a control channel: Node programs of the bench have one. */
  readonly channel: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** Starts a program on a core. Its output is dropped; `BENCH_ERRORS=1` shows what it writes to its error output. */
export function start({ core, command, channel, env }: StartOptions): Process {
  const [program = '', ...args] = pinned(core, command)
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio: [
      'ignore',
      'ignore',
      process.env['BENCH_ERRORS'] ? 'inherit' : 'ignore',
      ...(channel ? (['ipc'] as const) : []),
    ],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production', ...env },
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  child.on('error', () => running.delete(child))
  return {
    pid: child.pid ?? 0,
    ask: (message) => ask(child, message),
    async stop() {
      if (!running.has(child)) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await ended
      clearTimeout(force)
    },
  }
}

async function ask<Answer>(child: ChildProcess, message: unknown): Promise<Answer> {
  const over = new AbortController()
  const { signal } = over
  try {
    const answer = once(child, 'message', { signal })
    const ended = once(child, 'exit', { signal }).then(() => Promise.reject(new Error('a process of the bench ended')))
    ended.catch(() => {})
    answer.catch(() => {})
    child.send(message as object)
    const [value] = await Promise.race([answer, ended])
    return value
  } finally {
    over.abort()
  }
}

/** A port that is free at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Resolves once something takes connections at the port. Throws when nothing has after two minutes: a file of 100,000 keys takes half of one. */
export async function listening(port: number): Promise<void> {
  for (let left = 1200; left > 0; left--) {
    if (await accepts(port)) return
    await sleep(100)
  }
  throw new Error('a server of the bench did not come up')
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
