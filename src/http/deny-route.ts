import { failure, FailureError } from '#src/core/failure.ts'
import { parseJson } from '#src/core/json.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import type { Channel } from './channel.ts'
import { operate } from './operate.ts'
import { requireAdmin, sendJson } from './operations.ts'
import { readText } from './receive.ts'

/** `POST /-/deny`: the kill switch. A rule as the file would write it, in force for the next attempt of every instance. */
export async function denyRoute(gateway: Gateway, channel: Channel): Promise<void> {
  await requireAdmin(gateway, channel)
  const { killSwitch, store } = gateway.ports
  if (gateway.ports.isolated && !store.durable) throw notHere('the kill switch needs')
  const text = await readText(channel, gateway.snapshot.server.bodyLimit)
  await operate(gateway, channel, {
    asked: ['/-/deny', text],
    async work() {
      const { name } = await killSwitch.deny(gateway, parseJson(text))
      return { denied: name, epoch: gateway.snapshot.epoch, survives_restart: store.durable }
    },
  })
}

/** `GET /-/deny`: what is denied now. */
export async function deniedRoute(gateway: Gateway, channel: Channel): Promise<void> {
  await requireAdmin(gateway, channel)
  sendJson(gateway, channel, { denied: await gateway.ports.killSwitch.list(gateway) })
}

/** `DELETE /-/deny/{name}`: lifts one again. */
export async function liftRoute(gateway: Gateway, channel: Channel, { id }: { readonly id: string }): Promise<void> {
  await requireAdmin(gateway, channel)
  if (!(await gateway.ports.killSwitch.lift(gateway, id)))
    throw new FailureError(failure('not_found', `nothing is denied under the name \`${id.slice(0, 128)}\``))
  sendJson(gateway, channel, { lifted: id, epoch: gateway.snapshot.epoch })
}

/** Each isolate of a worker has a memory of its own: what is promised in one of them the others would break. */
export function notHere(what: string): FailureError {
  const message = `${what} state that instances share: on a worker the Durable Object that wrangler.toml binds as \`TUTTI_STATE\``
  return new FailureError(failure('not_in_this_version', message, { shouldRetry: false }))
}
