import { Hono } from 'hono'
import { ENDPOINTS, type Endpoint } from '#src/core/endpoint.ts'
import { failure, type Failure } from '#src/core/failure.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import type { Channel } from './channel.ts'
import { explainRoute } from './explain-route.ts'
import { modelRoute, modelsRoute } from './models-route.ts'
import { healthRoute, metricsRoute, readyRoute } from './operations.ts'
import { receive, standardHeaders, toFailure } from './receive.ts'

/** What a runtime hands over beside each request. */
export interface Bindings {
  readonly channel: Channel
  /** Keeps a worker alive until the bill is settled. */
  readonly waitUntil?: (work: Promise<unknown>) => void
}

type Route = (gateway: Gateway, channel: Channel, path: string) => Promise<void>

/** The surfaces of INTERFACE.md section 3 that this version serves. Every answer goes through the channel's sink. */
export function createApp(gateway: Gateway): Hono<{ Bindings: Bindings }> {
  const app = new Hono<{ Bindings: Bindings }>()

  /** Starts the work and gives the library what the channel says: the work may outlive the head of its answer. */
  function run(bindings: Bindings, work: Promise<void>): Response | Promise<Response> {
    bindings.waitUntil?.(work)
    return bindings.channel.response
  }

  const serveWith = (path: string, method: 'get' | 'post', route: Route): void => {
    app[method](path, (c) =>
      run(
        c.env,
        guarded(gateway, c.env.channel, () => route(gateway, c.env.channel, c.req.path)),
      ),
    )
  }

  for (const [endpoint, path] of entries(ENDPOINTS)) {
    serveWith(path, 'post', (own, channel) => receive(own, endpoint, channel))
  }
  serveWith('/v1/models', 'get', modelsRoute)
  serveWith('/v1/models/*', 'get', modelRoute)
  serveWith('/-/health', 'get', healthRoute)
  serveWith('/-/ready', 'get', readyRoute)
  serveWith('/-/metrics', 'get', metricsRoute)
  serveWith('/-/explain', 'post', explainRoute)
  app.notFound((c) => {
    const asked = `\`${c.req.method} ${c.req.path.slice(0, SHOWN_LENGTH)}\``
    const unknown = isLater(c.req.path)
      ? failure('not_in_this_version', `${asked} is not in this version`, { shouldRetry: false })
      : failure('not_found', `there is no ${asked} here${baseUrlHint(c.req.path)}`)
    return run(
      c.env,
      guarded(gateway, c.env.channel, () => refuse(gateway, c.env.channel, unknown)),
    )
  })
  return app
}

/** Paths in messages are cut to this length. */
const SHOWN_LENGTH = 128

/** What INTERFACE.md section 3 names and this version does not carry out, by how it begins. */
const LATER = [
  '/v1/responses',
  '/v1/moderations',
  '/v1/images/',
  '/v1/audio/',
  '/v1/rerank',
  '/v1/decisions',
  '/v1/messages',
  '/v1beta/models/',
  '/-/usage',
  '/-/console',
]

function isLater(path: string): boolean {
  return LATER.some((prefix) => path.startsWith(prefix))
}

/** The slip that clients make most: a base URL without `/v1`, or with two. */
function baseUrlHint(path: string): string {
  const served: readonly string[] = [...Object.values(ENDPOINTS), '/v1/models']
  if (served.includes(`/v1${path}`)) return ': the base URL ends with `/v1`'
  return path.startsWith('/v1/v1/') ? ': the base URL has `/v1` twice' : ''
}

/** A route that throws answers with its failure; one whose answer has begun ends broken. */
async function guarded(gateway: Gateway, channel: Channel, route: () => Promise<void>): Promise<void> {
  try {
    await route()
  } catch (error) {
    if (channel.sink.opened) channel.sink.destroy()
    else await refuse(gateway, channel, toFailure(error))
  }
}

async function refuse(gateway: Gateway, channel: Channel, why: Failure): Promise<void> {
  const { status, headers, body } = gateway.ports.dialects.chat.renderFailure(why)
  channel.sink.send(status, { ...standardHeaders(gateway.ports.newId(), gateway.snapshot.epoch), ...headers }, body)
}

function entries(endpoints: typeof ENDPOINTS): readonly (readonly [Endpoint, string])[] {
  return [
    ['chat', endpoints.chat],
    ['completions', endpoints.completions],
    ['embeddings', endpoints.embeddings],
  ]
}
