// The edge worker: configuration bundled, secrets from bindings by the same names (INTERFACE.md section 8).
import config from '../tutti.yaml'
import { renderProblem } from '#src/config/problem.ts'
import { createWebChannel } from '#src/http/web-channel.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createFetchTransport } from '#src/transport/fetch.ts'
import { assemble, load, webHash } from './assemble.ts'

type Assembled = ReturnType<typeof assemble>

let assembled: Promise<Assembled> | undefined

async function begin(env: Env): Promise<Assembled> {
  const text = textOf(env['TUTTI_CONFIG']) ?? config
  const loaded = await load(text, { file: 'tutti.yaml', env: (name) => textOf(env[name]), missing: 'error', hash: webHash, edge: true })
  if (!loaded.ok) throw new Error(`the configuration is not good:\n${loaded.problems.map(renderProblem).join('\n')}`)
  const log = loaded.settings.logs === 'json' ? (line: string) => console.log(line) : undefined
  return assemble(loaded.snapshot, {
    transport: createFetchTransport((url, init) => fetch(url, init)),
    store: createMemoryStore(),
    hash: webHash,
    ...(log && { log }),
  })
}

function textOf(binding: unknown): string | undefined {
  return typeof binding === 'string' ? binding : undefined
}

export default {
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    assembled ??= begin(env)
    const { app } = await assembled
    return app.fetch(request, { channel: createWebChannel(request, 'network'), waitUntil: (work) => context.waitUntil(work) })
  },
}

type Env = Readonly<Record<string, unknown>>

interface Context {
  waitUntil(work: Promise<unknown>): void
}
