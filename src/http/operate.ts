import { bearerOf } from '#src/pipeline/authenticate.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import { carryOutOnce, readIdempotencyKey } from '#src/pipeline/once.ts'
import { createSeal } from '#src/pipeline/seal.ts'
import type { Channel } from './channel.ts'
import { sendJson } from './operations.ts'

interface Operation {
  /** What tells it from another one: its path and its body. */
  readonly asked: readonly string[]
  work(): Promise<unknown>
}

/**
 * Carries out an operator's POST, once under its idempotency key, and answers with what came of it. Whether the caller may is settled before. What is
 * kept may hold a secret: it is sealed under the operator's own.
 */
export async function operate(gateway: Gateway, channel: Channel, { asked, work }: Operation): Promise<void> {
  const name = readIdempotencyKey(channel.header('idempotency-key'))
  if (name === undefined) return sendJson(gateway, channel, await work())
  const { snapshot, ports } = gateway
  const credential = bearerOf(channel) ?? ''
  await carryOutOnce(gateway, {
    snapshot,
    sink: channel.sink,
    owner: `operator ${await ports.hash(credential)}`,
    name,
    print: await ports.hash(JSON.stringify(asked)),
    seal: await createSeal(credential, name),
    async carryOut(sink, ended) {
      sendJson(gateway, { sink }, await work())
      await ended('')
    },
  })
}
