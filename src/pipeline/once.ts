import { joinBytes, readBytes, toBase64, writeBytes } from '#src/core/binary.ts'
import { failure, FailureError, type Failure } from '#src/core/failure.ts'
import { booleanAt, numberAt, objectAt, parseJson, stringAt, type Json } from '#src/core/json.ts'
import type { Sink } from '#src/core/sink.ts'
import type { Keepsake } from '#src/core/state-store.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Incoming } from './call.ts'
import type { Gateway } from './gateway.ts'
import { ownerOf } from './memory.ts'
import { objectionTo } from './objection-to.ts'
import { close, createRecording, fail, follow, repeated, sinkOf, type Recording } from './recording.ts'
import type { Seal } from './seal.ts'
import { serve } from './serve.ts'

const HEADER = 'idempotency-key'

/** Characters of a key. */
const LONGEST = 255

/** The key that stands in the header; undefined: there is none. Throws FailureError 400 for what is no key. */
export function readIdempotencyKey(value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  const visible = [...value].every((char) => char > ' ' && char <= '~')
  if (visible && value !== '' && value.length <= LONGEST) return value
  throw refused(400, `the header \`${HEADER}\` must be 1 to ${LONGEST} visible ASCII characters`)
}

function refused(status: number, message: string, more: Partial<Failure> = {}): FailureError {
  return new FailureError(failure('invalid_request_error', message, { status, param: HEADER, ...more }))
}

/** A request that is to be carried out once, and where it was sent. */
export interface Once {
  readonly incoming: Incoming
  readonly name: string
  readonly path: string
  readonly query: ReadonlyMap<string, string>
}

/** What is to be carried out once, for whom, under which name of theirs. */
export interface Work {
  readonly snapshot: Snapshot
  readonly sink: Sink
  readonly owner: string
  readonly name: string
  /** What is asked for: another print is another request. */
  readonly print: string
  /** Who alone may read what is kept; absent: whoever may read the state. */
  readonly seal?: Seal
  /** Answers in that sink. The end waits until `ended` is told who answered; undefined: nobody did, and nothing is kept. */
  carryOut(sink: Sink, ended: (target?: string) => Promise<void>): Promise<void>
  /** Rejects where an answer by that target is not to be given any more. */
  allow?(target: string | undefined): Promise<void>
}

/** ms by which a claim outlives the longest request. */
const GRACE = 60_000

/** Asks a model once: `carryOutOnce` for a caller's request. An earlier answer is 403 where that is denied now. */
export async function once(gateway: Gateway, asked: Once): Promise<void> {
  const { incoming, name } = asked
  await carryOutOnce(gateway, {
    ...incoming,
    owner: ownerOf(incoming.key),
    name,
    print: await printOf(gateway, asked),
    carryOut: (sink, ended) => serve(gateway, { ...incoming, sink, ended }),
    async allow(target) {
      const objection = await objectionTo(gateway, incoming, target)
      if (objection) throw new FailureError(objection)
    },
  })
}

/**
 * Carries out the first request that a caller sends under its key, and answers the others under that key as it was answered: with what is kept, or with what
 * is being written, from its start. Rejects with FailureError: 400 for another request, 409 where there is nothing to give.
 */
export async function carryOutOnce(gateway: Gateway, work: Work): Promise<void> {
  const { owner, name, print, seal, snapshot, sink } = work
  const { store, clock, recordings } = gateway.ports
  const place = { owner, kind: 'idempotency', id: name } as const
  const now = clock.now()
  const claim = { ...place, value: JSON.stringify({ print }), expiresAt: now + longest(snapshot) + GRACE }
  const there = await store.claim(claim, now)
  const id = JSON.stringify([owner, name])
  if (there !== undefined) return again(gateway, work, { there: parseJson(there), recording: recordings.get(id) })
  const recording = createRecording(sink)
  recordings.set(id, recording)
  const settle = async (target?: string): Promise<void> => {
    try {
      if (target === undefined) await store.forget(place)
      else {
        const text = textOf(recording, { print, target })
        const kept = text !== undefined && seal ? JSON.stringify({ print, sealed: await seal.seal(text) }) : text
        await keep(gateway, place, [kept, JSON.stringify({ print, lost: true })])
      }
    } catch {
      // Nobody knows whether it was done, so it is not done again before the claim has expired.
    }
    recordings.delete(id)
  }
  const ended = async (target?: string): Promise<void> => {
    await settle(target)
    close(recording)
  }
  try {
    await work.carryOut(sinkOf(recording), ended)
  } catch (error) {
    if (recordings.get(id) === recording) await settle()
    fail(recording, error)
    throw error
  }
}

/** The longest that a request may take, in ms. */
function longest({ routes, defaults }: Snapshot): number {
  return Math.max(defaults.timeouts.total, ...[...routes.values()].map(({ timeouts }) => timeouts.total))
}

/** What a request asks for: another print is another request. Its time limit is none of it. */
async function printOf({ ports }: Gateway, { incoming, path, query }: Once): Promise<string> {
  const { headers, tags, metadata, text, form } = incoming.request
  const parts = form?.parts.map(({ name, filename, contentType, start, end }) => [
    name,
    filename,
    contentType,
    toBase64(form.bytes.subarray(start, end)),
  ])
  return ports.hash(JSON.stringify([path, [...query], headers, tags, metadata, text, parts]))
}

/** An answer as it is kept; undefined: it is too large for that. */
function textOf({ head, chunks }: Recording, { print, target }: { print: string; target: string }): string | undefined {
  return head && chunks && JSON.stringify({ print, target, ...head, ...writeBytes(joinBytes(chunks)) })
}

/** Keeps the first of these that can be kept. */
async function keep(
  { ports, snapshot }: Gateway,
  place: Omit<Keepsake, 'value' | 'expiresAt'>,
  values: readonly (string | undefined)[],
): Promise<void> {
  const now = ports.clock.now()
  for (const value of values) {
    if (value === undefined) continue
    try {
      return await ports.store.keep([{ ...place, value, expiresAt: now + snapshot.keepRepeats }], now)
    } catch {
      // A store may have no room for it, and for less.
    }
  }
}

interface Earlier {
  /** What is kept under the key. */
  readonly there: Json | undefined
  readonly recording: Recording | undefined
}

/** ms after which an answer that another request writes is looked at again, where one request may not wake another. */
const LOOK_AGAIN = 50

async function again(gateway: Gateway, work: Work, { there, recording }: Earlier): Promise<void> {
  const { clock, isolated } = gateway.ports
  const { print, seal, sink, allow = async () => {} } = work
  if (stringAt(there, 'print') !== print)
    throw refused(400, 'this key stands for another request: each has a key of its own')
  const sealed = stringAt(there, 'sealed')
  const kept = seal && sealed !== undefined ? parseJson(await seal.open(sealed)) : there
  await allow(stringAt(kept, 'target') ?? recording?.target)
  const status = numberAt(kept, 'status')
  if (status !== undefined) return sink.send(status, repeated(objectAt(kept, 'headers')), readBytes(kept))
  const onMore = isolated ? (run: () => void) => void clock.after(LOOK_AGAIN, run) : undefined
  if (recording && (await follow(recording, sink, { onMore, allow }))) return
  if (booleanAt(kept, 'lost') || (recording && !recording.chunks))
    throw refused(409, 'the answer under this key was too large to be kept: ask under another one', {
      shouldRetry: false,
    })
  throw refused(409, 'the first request with this key is not answered yet', { retryAfterMs: 1000 })
}
