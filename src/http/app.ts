import { HonoBase } from 'hono/hono-base'
import { TrieRouter } from 'hono/router/trie-router'
import { ALL, endpointAt, ENDPOINTS, type Endpoint } from '#src/core/endpoint.ts'
import { failure, toFailure, type Failure } from '#src/core/failure.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import type { Channel } from './channel.ts'
import { deniedRoute, denyRoute, liftRoute } from './deny-route.ts'
import { explainRoute } from './explain-route.ts'
import { modelRoute, modelsRoute } from './models-route.ts'
import { KEY_WORK, keysRoute } from './keys-route.ts'
import { healthRoute, metricsRoute, readyRoute } from './operations.ts'
import { receive, sendFailure } from './receive.ts'
import {
  cancelResponse,
  deleteResponse,
  responseInputs,
  retrieveResponse,
  type StoredAddress,
} from './responses-route.ts'
import { usageRoute } from './usage-route.ts'

/** What a runtime hands over beside each request. */
export interface Bindings {
  readonly channel: Channel
  /** Told of work that lasts until the bill is settled: a worker is kept alive for it, a server's drain waits. */
  readonly waitUntil?: (work: Promise<unknown>) => void
}

type Route = (gateway: Gateway, channel: Channel, path: string) => Promise<void>

type StoredRoute = (gateway: Gateway, channel: Channel, at: StoredAddress) => Promise<void>

/** Where a request was sent. */
interface Address {
  /** Percent-decoded. */
  readonly path: string
  readonly query: ReadonlyMap<string, string>
}

/** The surfaces of INTERFACE.md section 3 that this version serves. Every answer goes through the channel's sink. */
export function createApp(gateway: Gateway): HonoBase<{ Bindings: Bindings }> {
  // One router that takes every path: what `Hono` chooses its own from weighs a worker 1.6 KB gzip more.
  const app = new HonoBase<{ Bindings: Bindings }>({ router: new TrieRouter() })

  /** Starts the work and gives the library what the channel says: the work may outlive the head of its answer. */
  function run(bindings: Bindings, work: Promise<void>): Response | Promise<Response> {
    bindings.waitUntil?.(work)
    return bindings.channel.response
  }

  const serveWith = (path: string, method: 'get' | 'post', route: Route): void => {
    app[method](path, (c) =>
      run(
        c.env,
        guarded(gateway, c.env.channel, { path: c.req.path, run: () => route(gateway, c.env.channel, c.req.path) }),
      ),
    )
  }

  for (const pattern of patterns()) {
    app.post(pattern, (c) => {
      const { channel } = c.env
      const address = { path: googlesPath(decoded(c.req.path)), query: new Map(Object.entries(c.req.query())) }
      return run(c.env, guarded(gateway, channel, { path: address.path, run: () => ask(gateway, channel, address) }))
    })
  }
  const serveStored = (path: string, method: 'get' | 'post' | 'patch' | 'delete', route: StoredRoute): void => {
    app[method](path, (c) => {
      const { channel } = c.env
      const at = { id: c.req.param('id') ?? '', query: new Map(Object.entries(c.req.query())) }
      return run(c.env, guarded(gateway, channel, { path: c.req.path, run: () => route(gateway, channel, at) }))
    })
  }
  serveStored('/v1/responses/:id', 'get', retrieveResponse)
  serveStored('/v1/responses/:id', 'delete', deleteResponse)
  serveStored('/v1/responses/:id/cancel', 'post', cancelResponse)
  serveStored('/v1/responses/:id/input_items', 'get', responseInputs)
  serveWith('/v1/models', 'get', modelsRoute)
  serveWith('/v1/models/*', 'get', modelRoute)
  serveWith('/v1beta/models', 'get', modelsRoute)
  serveWith('/v1beta/models/*', 'get', modelRoute)
  serveWith('/-/health', 'get', healthRoute)
  serveWith('/-/ready', 'get', readyRoute)
  serveWith('/-/metrics', 'get', metricsRoute)
  serveStored('/-/usage', 'get', usageRoute)
  serveWith('/-/explain', 'post', explainRoute)
  serveWith('/-/deny', 'post', denyRoute)
  serveWith('/-/deny', 'get', deniedRoute)
  serveStored('/-/deny/:id', 'delete', liftRoute)
  for (const work of KEY_WORK)
    serveStored(work.path, work.method, (_, channel, { id }) => keysRoute(gateway, channel, { id, work }))
  app.notFound((c) => {
    const { method, path } = c.req
    return run(c.env, refuse(gateway, c.env.channel, { path, why: nothingAt(method, path) }))
  })
  return app
}

const STABLE = '/v1/models/'

/** Google's client asks the stable version of its API unless told otherwise; what is answered is the same. */
function googlesPath(path: string): string {
  return path.startsWith(STABLE) ? `/v1beta/models/${path.slice(STABLE.length)}` : path
}

/** One for each endpoint; those that name a model in their path share one. */
function patterns(): ReadonlySet<string> {
  const own = ALL.map((endpoint) => ENDPOINTS[endpoint].split('{model}')).map(([before, ...more]) =>
    more.length > 0 ? `${before}*` : `${before}`,
  )
  return new Set([...own, `${STABLE}*`])
}

async function ask(gateway: Gateway, channel: Channel, address: Address): Promise<void> {
  const endpoint = endpointAt(address.path)
  if (endpoint) return receive(gateway, { endpoint, ...address }, channel)
  return refuse(gateway, channel, { path: address.path, why: nothingAt('POST', address.path) })
}

function nothingAt(method: string, path: string): Failure {
  const asked = `\`${method} ${path.slice(0, SHOWN_LENGTH)}\``
  return isLater(path)
    ? failure('not_in_this_version', `${asked} is not in this version`, { shouldRetry: false })
    : failure('not_found', `there is no ${asked} here${baseUrlHint(path)}`)
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** Paths in messages are cut to this length. */
const SHOWN_LENGTH = 128

/** What INTERFACE.md section 3 names and this version does not carry out, by how it begins. */
const LATER = ['/v1beta/', '/-/console']

function isLater(path: string): boolean {
  return LATER.some((prefix) => path.startsWith(prefix))
}

/** The slip that clients make most: a base URL without `/v1`, or with two. */
function baseUrlHint(path: string): string {
  const served: readonly string[] = [...Object.values(ENDPOINTS), '/v1/models']
  if (served.includes(`/v1${path}`)) return ': the base URL ends with `/v1`'
  return path.startsWith('/v1/v1/') ? ': the base URL has `/v1` twice' : ''
}

interface Guarded {
  readonly path: string
  run(): Promise<void>
}

/** What is denied changes nothing of these: they answer while it cannot be read. */
const DECIDE_NOTHING = new Set(['/-/health', '/-/ready', '/-/metrics'])

/** A route that throws answers with its failure; one whose answer has begun ends broken. */
async function guarded(gateway: Gateway, channel: Channel, { path, run }: Guarded): Promise<void> {
  try {
    const due = DECIDE_NOTHING.has(path) ? undefined : gateway.ports.killSwitch.refresh(gateway)
    if (due) await due
    await run()
  } catch (error) {
    if (channel.sink.opened) channel.sink.destroy()
    else await refuse(gateway, channel, { path, why: toFailure(error) })
  }
}

async function refuse(
  gateway: Gateway,
  channel: Channel,
  { path, why }: { path: string; why: Failure },
): Promise<void> {
  const { ports, snapshot } = gateway
  const dialect = ports.dialects[spokenAt(path)]
  sendFailure(gateway, channel, { id: ports.newId(), epoch: snapshot.epoch, dialect, why })
}

/** Whose errors a path has, also where nothing is. */
function spokenAt(path: string): Endpoint {
  if (path.startsWith('/v1beta/')) return 'geminiGenerate'
  return path.startsWith('/v1/messages') ? 'messages' : 'chat'
}
