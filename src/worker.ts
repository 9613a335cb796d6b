// The edge worker: configuration bundled, secrets from bindings by the same names (INTERFACE.md section 8).
// scripts/build-worker.ts lays it beside the bundle.
import config from './configuration.txt'
import { renderProblem } from '#src/config/problem.ts'
import { refuseForWorker } from '#src/config/refuse-outside-node.ts'
import { failure } from '#src/core/failure.ts'
import { isObject } from '#src/core/json.ts'
import { readPrepared } from '#src/config/prepared.ts'
import type { Client } from '#src/core/request.ts'
import { dialects } from '#src/dialects/registry.ts'
import { createWebChannel } from '#src/http/web-channel.ts'
import { stateOf } from '#src/state/durable-store.ts'
import { createIsolateStore } from '#src/state/isolate.ts'
import type { DecisionLog } from '#src/telemetry/decision-log.ts'
import { createFetchTransport } from '#src/transport/fetch.ts'
import { createAiFetch } from '#src/transport/workers-ai.ts'
import { assemble, loadKnown, openLog, webHash } from './assemble.ts'

export { TuttiState } from '#src/state/durable-object.ts'

interface Assembled extends Pick<ReturnType<typeof assemble>, 'app'> {
  readonly log?: DecisionLog | undefined
}

let ready: Assembled | undefined

export default {
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    const assembled = ready ?? (await begin(env))
    if (!assembled) return notConfigured()
    return assembled.app.fetch(request, {
      channel: createWebChannel(request, 'network', clientOf(request)),
      waitUntil: (work) => context.waitUntil(work.then(() => assembled.log?.written())),
    })
  },
}

/** What the edge says of the other end of the connection: it overwrites the header, whatever the caller wrote there. */
function clientOf(request: Request): Client {
  const ip = request.headers.get('cf-connecting-ip')
  const edge: unknown = 'cf' in request ? request.cf : undefined
  const country = isObject(edge) ? edge['country'] : undefined
  return { ...(ip !== null && { ip }), ...(typeof country === 'string' && { country }) }
}

/** Requests that come before the first is ready each do this for themselves: a promise that one of them owns would end with it. */
async function begin(env: Env): Promise<Assembled | undefined> {
  const loaded = await loadKnown(readPrepared(config), {
    file: 'tutti.yaml',
    env: (name) => textOf(env[name]),
    hasBinding: (name) => createAiFetch(env[name]) !== undefined,
    missing: 'error',
    hash: webHash,
  })
  // A deployment from before there was one has no such binding.
  const shared = stateOf(env['TUTTI_STATE'])
  const problems = loaded.ok
    ? refuseForWorker(loaded.snapshot, { ...loaded.settings, shared: shared !== undefined })
    : loaded.problems.map(renderProblem)
  if (!loaded.ok || problems.length > 0) {
    console.error(`the configuration is not good:\n${problems.join('\n')}`)
    return undefined
  }
  // One chain an isolate. Nobody tells a worker that it is let go: its chain has no end.
  const log = loaded.settings.logs === 'json' ? openLog(loaded.snapshot.epoch, (line) => console.log(line)) : undefined
  const { app } = assemble(loaded.snapshot, {
    transport: createFetchTransport(
      (url, init) => fetch(url, init),
      (name) => createAiFetch(env[name]),
    ),
    store: shared ?? createIsolateStore(),
    hash: webHash,
    isolated: true,
    ...(log && { log: log.add }),
  })
  ready ??= { app, log }
  return ready
}

/** A variable that is missing shows only here. Callers learn no more than that; the log says which. */
function notConfigured(): Response {
  const why = failure('internal_error', 'the configuration of this worker is not good: its log says what is wrong')
  const { status, headers, body } = dialects.chat.renderFailure(why)
  return new Response(body, { status, headers: { 'content-type': 'application/json', ...headers } })
}

function textOf(binding: unknown): string | undefined {
  return typeof binding === 'string' ? binding : undefined
}

type Env = Readonly<Record<string, unknown>>

interface Context {
  waitUntil(work: Promise<unknown>): void
}
