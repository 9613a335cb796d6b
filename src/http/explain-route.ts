import { parseJson } from '#src/core/json.ts'
import { explain } from '#src/pipeline/explain.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import type { Channel } from './channel.ts'
import { readText } from './receive.ts'
import { operate } from './operate.ts'
import { requireAdmin } from './operations.ts'

/** `POST /-/explain`: the decision that a request would get, without asking any provider. */
export async function explainRoute(gateway: Gateway, channel: Channel): Promise<void> {
  await requireAdmin(gateway, channel)
  const text = await readText(channel, gateway.snapshot.server.bodyLimit)
  await operate(gateway, channel, { asked: ['/-/explain', text], work: () => explain(gateway, parseJson(text)) })
}
