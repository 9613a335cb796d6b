import type { Account } from '#src/core/adapter.ts'
import { joinBytes, readBytes, textsOf, writeBytes } from '#src/core/binary.ts'
import { objectAt, parseJson } from '#src/core/json.ts'
import type { Keepsake } from '#src/core/state-store.ts'
import type { Target } from '#src/core/target.ts'
import type { Transport, UpstreamHead, UpstreamRequest } from '#src/core/transport.ts'
import type { Call } from './call.ts'
import { ownerOf } from './memory.ts'

/** Bytes of an answer that is kept: a larger one is not. */
const MOST = 1024 * 1024

/** Fields by which a request goes on from what lies elsewhere, or leaves something there: an answer that is kept does neither. */
const BEYOND = ['conversation', 'container']

/** Whether an answer to the same request may be given for this one: nobody but the model has a part in it, and nothing is left behind. */
export function isCacheable({ came, resumed, dialect, signals, decided }: Call): boolean {
  if (decided.cacheFor === undefined || came.form || resumed || came.cacheControl?.includes('no-store')) return false
  if (signals.searches !== undefined || signals.called || signals.carried) return false
  const { body } = came
  const stored = body['store'] ?? dialect.memory !== undefined
  return stored !== true && BEYOND.every((name) => body[name] === undefined)
}

export interface Question {
  readonly target: Target
  readonly account: Account
  readonly upstream: UpstreamRequest
}

type Place = Omit<Keepsake, 'value' | 'expiresAt'>

/** Where the answer to what is sent now is kept: by tenant, configuration, target, account and every word (law 13). */
export async function placeOf(call: Call, { target, account, upstream }: Question): Promise<Place> {
  const { gateway, key, request } = call
  const asked = [gateway.snapshot.epoch, target.id, account.id, request.headers, upstream.url, upstream.body]
  const owner = key?.tenant === undefined ? `key/${ownerOf(key)}` : `tenant/${key.tenant}`
  return { owner, kind: 'cache', id: await gateway.ports.hash(JSON.stringify(asked)) }
}

/** A transport that gives what is kept there as it came; undefined: nothing is. */
export async function cachedAt({ gateway }: Call, { id, ...place }: Place): Promise<Transport | undefined> {
  const { store, clock } = gateway.ports
  const found = await store.recall({ ...place, ids: [id], now: clock.now() })
  const kept = parseJson(found.get(id) ?? '')
  if (!kept) return undefined
  return {
    send(_request, _egress, handler) {
      queueMicrotask(() => {
        handler.head({ status: 200, headers: textsOf(objectAt(kept, 'headers')) })
        handler.data(readBytes(kept))
        handler.end()
      })
      return { abort() {}, pause() {}, resume() {} }
    },
    close: () => Promise.resolve(),
  }
}

/** A transport that notes what comes, and what it has noted: undefined where that is too large, or no 200. */
export function noting(transport: Transport): { readonly transport: Transport; noted(): string | undefined } {
  const chunks: Uint8Array[] = []
  let head: UpstreamHead | undefined
  let size = 0
  return {
    transport: {
      ...transport,
      send: (request, egress, handler) =>
        transport.send(request, egress, {
          ...handler,
          head(came) {
            head = came
            handler.head(came)
          },
          data(chunk) {
            size += chunk.length
            if (size <= MOST) chunks.push(chunk)
            handler.data(chunk)
          },
        }),
    },
    noted: () =>
      head?.status === 200 && size <= MOST
        ? JSON.stringify({ headers: head.headers, ...writeBytes(joinBytes(chunks)) })
        : undefined,
  }
}

/** Keeps an answer that is whole, for as long as its name says. A store that cannot keep it takes nothing away. */
export async function keepNoted(
  { gateway, decided }: Call,
  place: Promise<Place>,
  value: string | undefined,
): Promise<void> {
  if (value === undefined || decided.cacheFor === undefined) return
  const { ports, snapshot } = gateway
  const now = ports.clock.now()
  const expiresAt = now + Math.min(decided.cacheFor, snapshot.retention ?? Infinity)
  try {
    await ports.store.keep([{ ...(await place), value, expiresAt }], now)
  } catch {
    // The next one asks again.
  }
}
