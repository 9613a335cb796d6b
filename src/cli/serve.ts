import { renderProblem } from '#src/config/problem.ts'
import { NAME_FILE, parseArguments, portOf, refusePositionals } from './arguments.ts'
import type { Command } from './command.ts'
import type { Loaded, ProgramRuntime, Served, ServerFlags } from './runtime.ts'

/** `tutti serve`: exits 0 on SIGTERM or SIGINT after a drain. */
export const serveCommand: Command = {
  usage: 'tutti serve [-c tutti.yaml] [--port N] [--host H]',
  summary: 'Serves the configuration; without a file, the demo.',
  async run(args, runtime) {
    const { values, positionals } = parseArguments(args, {
      config: { type: 'string', short: 'c' },
      port: { type: 'string' },
      host: { type: 'string' },
    })
    refusePositionals(positionals, NAME_FILE)
    const port = portOf(values.port)
    const flags = { ...(values.host !== undefined && { host: values.host }), ...(port !== undefined && { port }) }
    const loaded = await runtime.load(values.config, 'serve', flags)
    if (!loaded.demo) report(loaded, runtime)
    if (!loaded.snapshot) return 1
    const served = await begin(loaded, runtime)
    if (!served) return 1
    runtime.out(greeting(served.url, loaded))
    const unwatch = loaded.demo ? () => {} : followFile({ loaded, flags }, served, runtime)
    await runtime.stopped()
    unwatch()
    await served.stop()
    return 0
  },
}

async function begin(loaded: Loaded, runtime: ProgramRuntime): Promise<Served | undefined> {
  try {
    return await runtime.serve(loaded)
  } catch (error) {
    const hint =
      error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' ? ': `--port N` takes another' : ''
    runtime.err(`tutti could not serve: ${error instanceof Error ? error.message : String(error)}${hint}`)
    return undefined
  }
}

interface Followed {
  readonly loaded: Loaded
  readonly flags: ServerFlags
}

/** A good change takes effect at once; a bad one is reported and the last good one stays (law 11). */
function followFile({ loaded, flags }: Followed, served: Served, runtime: ProgramRuntime): () => void {
  const { file } = loaded
  let refused = false
  return runtime.watch(file, () => {
    void runtime.load(file, 'serve', flags).then((next) => {
      const { epoch } = served.gateway.snapshot
      const news = refused || next.snapshot?.epoch !== epoch
      if (news) report(next, runtime)
      refused = next.snapshot === undefined
      if (!next.snapshot) return runtime.err(`${file} was not taken: epoch ${epoch} stays`)
      // Under the same epoch too: what `${NAME}` and `${file:…}` give is no part of it, and may be a new secret.
      served.take(next.snapshot)
      if (news) runtime.err(`${file} was taken: epoch ${next.snapshot.epoch}${restartNote(loaded, next)}`)
    })
  })
}

/** What is bound or opened at the start stays as it is. */
function restartNote(before: Loaded, after: Loaded): string {
  const fixed = ({ snapshot, settings }: Loaded) => [snapshot?.server.host, snapshot?.server.port, settings]
  const same = JSON.stringify(fixed(before)) === JSON.stringify(fixed(after))
  return same ? '' : '; its host, port, state and logs take effect at the next start'
}

function report(loaded: Loaded, runtime: ProgramRuntime): void {
  for (const problem of loaded.problems) runtime.err(renderProblem(problem))
}

function greeting(url: string, loaded: Loaded): string {
  const model = loaded.snapshot?.routes.keys().next().value ?? 'provider/model'
  const key = loaded.snapshot?.access.mode === 'keys' ? " -H 'authorization: Bearer YOUR_KEY'" : ''
  const body = (text: string) => `{"model":"${model}","messages":[{"role":"user","content":"${text}"}]}`
  return [
    `tutti serves ${loaded.demo ? 'the demo' : `${loaded.file}, epoch ${loaded.snapshot?.epoch},`} on ${url}`,
    '',
    '  ask:',
    `  curl -i ${url}/v1/chat/completions${key} -H 'content-type: application/json' -d '${body('안녕하세요')}'`,
    '',
    '  why that model:',
    `  curl ${url}/-/explain${key && " -H 'authorization: Bearer ADMIN_KEY'"} -H 'content-type: application/json' -d '{"body":${body('안녕하세요')}}'`,
    '',
  ].join('\n')
}
