import { failure, FailureError } from '#src/core/failure.ts'
import { StateUnavailable } from '#src/core/state-unavailable.ts'
import { isAdmin } from '#src/pipeline/authenticate.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import type { Channel } from './channel.ts'
import { standardHeaders } from './receive.ts'

/** Answers a value as JSON with the headers that every answer has. */
export function sendJson(gateway: Gateway, { sink }: Pick<Channel, 'sink'>, value: unknown): void {
  sink.send(200, standardHeaders(gateway.ports.newId(), gateway.snapshot.epoch), JSON.stringify(value))
}

/** Operations are for the admin; for anybody else they do not exist, so that nobody learns what is there. */
export async function requireAdmin(gateway: Gateway, channel: Channel): Promise<void> {
  const { snapshot, ports } = gateway
  if (await isAdmin(snapshot, channel, ports.hash)) return
  if (snapshot.adminDigest === undefined) throw new FailureError(failure('not_found', 'there is nothing here'))
  throw new FailureError(failure('invalid_api_key', 'this needs the admin key: send `authorization: Bearer KEY`'))
}

/** The process is alive. */
export async function healthRoute(gateway: Gateway, channel: Channel): Promise<void> {
  sendJson(gateway, channel, { status: 'ok' })
}

/** The process takes requests: 503 once it drains, and while its state does not answer. */
export async function readyRoute(gateway: Gateway, channel: Channel): Promise<void> {
  if (gateway.draining)
    throw new FailureError(failure('overloaded', 'the gateway is shutting down', { retryAfterMs: 1000 }))
  try {
    await gateway.ports.store.note('denial', 'ready')
  } catch (cause) {
    if (cause instanceof StateUnavailable) throw cause
    throw new FailureError(failure('state_unavailable', 'the state does not answer', { retryAfterMs: 1000, cause }))
  }
  sendJson(gateway, channel, { status: 'ready' })
}

/** Prometheus text, for the admin unless the file says `metrics: { auth: none }`. */
export async function metricsRoute(gateway: Gateway, channel: Channel): Promise<void> {
  if (!gateway.snapshot.metricsOpen) await requireAdmin(gateway, channel)
  const headers = {
    ...standardHeaders(gateway.ports.newId(), gateway.snapshot.epoch),
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
  }
  channel.sink.send(200, headers, gateway.ports.telemetry.metrics())
}
