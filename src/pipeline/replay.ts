import { ASKED, type Endpoint } from '#src/core/endpoint.ts'
import type { HostedModel } from '#src/core/inventory.ts'
import { unbounded, type Key } from '#src/core/key.ts'
import { isNative } from '#src/core/native.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Target } from '#src/core/target.ts'
import type { Expectations } from '#src/routing/estimates.ts'
import { decide, type Decided } from './decide.ts'
import type { ReadInputs, Recorded } from './read-record.ts'
import { compileStored } from './stored-keys.ts'
import { noEndpoint, type Speech } from './speech.ts'

/** A recorded request whose decision can be made again. */
export type Replayable = Recorded & { readonly inputs: ReadInputs }

/**
 * Decides a recorded request again, by a configuration: the same `decide` as live, over what the record holds. Through its own
 * configuration it gives the decision that was recorded (law 20). `unknown_key`: the configuration would not let this caller in.
 */
export function replay(snapshot: Snapshot, record: Replayable): Decided | 'unknown_key' {
  const key = keyOf(snapshot, record)
  if (key === 'unknown_key') return key
  const { seed, signals, now, spends, warm, stream, metadata, client } = record.inputs
  const { endpoint, model, tags, guardFor } = record
  return decide(
    informed(snapshot, record.inputs),
    {
      request: {
        endpoint,
        model,
        tags,
        stream,
        metadata,
        ...(client && { client }),
        ...(guardFor !== undefined && { guardFor }),
      },
      signals,
      key,
      seed,
      speech: speechOf(record, key),
    },
    { estimates: estimatesOf(record.inputs), now, spends, warm },
  )
}

/** With what hosts had said of the candidates then; of other models nothing is known. */
function informed(snapshot: Snapshot, { candidates }: ReadInputs): Snapshot {
  const told = new Map<string, HostedModel[]>()
  for (const [id, { inventory }] of candidates) {
    const slash = id.indexOf('/')
    const [provider, model] = [id.slice(0, slash), id.slice(slash + 1)]
    if (inventory) told.set(provider, [...(told.get(provider) ?? []), { model, ...inventory }])
  }
  if (told.size === 0) return snapshot
  // Records that follow each other mostly hold the same.
  const text = JSON.stringify([...told])
  const last = lastInformed.get(snapshot.inform)
  if (last?.text === text) return last.snapshot
  const made = snapshot.inform(told)
  lastInformed.set(snapshot.inform, { text, snapshot: made })
  return made
}

const lastInformed = new WeakMap<Snapshot['inform'], { readonly text: string; readonly snapshot: Snapshot }>()

/** Where there are keys every caller needs one; where there are none, nobody has one. */
function keyOf(snapshot: Snapshot, { key: id, guardFor, inputs }: Replayable): Key | undefined | 'unknown_key' {
  const { access, keysById } = snapshot
  const made = access.mode === 'keys' && inputs.key ? compileStored(snapshot, inputs.key) : undefined
  const key = keysById.get(id ?? '') ?? made
  if (key && guardFor !== undefined) return unbounded(key)
  return key ?? (access.mode === 'keys' ? 'unknown_key' : undefined)
}

/** What the record does not say is neutral: never seen, healthy. */
function estimatesOf({ candidates, expectedOutput }: ReadInputs): Expectations {
  return {
    latency(target) {
      const latency = candidates.get(target)?.latency
      return (
        latency && {
          firstTokenMs: latency.first_token_ms,
          perTokenMs: latency.per_token_ms,
          weight: latency.weight,
        }
      )
    },
    health(target) {
      const known = candidates.get(target)
      const until = known?.unhealthy_until
      return { score: known?.health ?? 1, ...(until !== undefined && { unhealthyUntil: until }) }
    },
    expectedOutput: () => expectedOutput,
  }
}

/** What was found of a target that was asked then; of others, which the request itself would have to be read for, what their facts say. */
function speechOf({ candidates, inputs, endpoint }: Replayable, key: Key | undefined): Speech {
  const asked = new Set(candidates.filter(({ verdict }) => verdict !== 'denied').map(({ target }) => target))
  return (target) => {
    const unspeakable = inputs.candidates.get(target.id)?.unspeakable
    // A key that is not strict any more takes what it would only be warned of.
    if (unspeakable && (unspeakable.code !== 'strict' || key?.strict)) return { kind: 'unspeakable', ...unspeakable }
    if (asked.has(target.id) || speaks(target, endpoint)) return { kind: 'native' }
    return { kind: 'unspeakable', ...noEndpoint(target.provider.adapter, endpoint) }
  }
}

/** Natively, through the internal form of conversations, or by an estimate. */
function speaks({ provider: { adapter }, model }: Target, endpoint: Endpoint): boolean {
  if (isNative(adapter, endpoint, model)) return true
  const { operation } = ASKED[endpoint]
  if (operation === 'tokens') return true
  return operation === 'chat' && (adapter.codecs ?? []).some((codec) => codec.serves?.(model) ?? true)
}
