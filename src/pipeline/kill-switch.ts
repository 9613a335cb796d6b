import { failure, FailureError } from '#src/core/failure.ts'
import type { Clock } from '#src/core/clock.ts'
import { parseJson, type Json } from '#src/core/json.ts'
import type { Denial, Snapshot } from '#src/core/snapshot.ts'
import type { StateStore } from '#src/core/state-store.ts'

/** ms for which what the store says is believed: a denial counts for every instance's next attempt after this at the latest. */
const FRESH = 1000
/** More than anybody needs before the file is changed. */
const MOST = 1000

/** The part of a gateway that this needs; a denial takes effect by another snapshot. */
interface Holder {
  readonly ports: {
    readonly clock: Clock
    readonly store: Pick<StateStore, 'notes' | 'write' | 'erase'>
    readonly inventory: { inform(snapshot: Snapshot): Snapshot }
  }
  snapshot: Snapshot
}

/** Denials that operators add while a configuration runs: kept in the store, read by every instance. */
export interface KillSwitch {
  /** Reads the store where that is due; undefined: it is not. Rejects only where it has never been read. */
  refresh(holder: Holder): Promise<void> | undefined
  /** Puts another file's configuration in force, with what is denied. */
  take(holder: Holder, file: Snapshot): Promise<void>
  deny(holder: Holder, value: Json | undefined): Promise<Denial>
  lift(holder: Holder, name: string): Promise<boolean>
  /** What is denied, as it was written. */
  list(holder: Holder): Promise<readonly Json[]>
}

/** `isolated`: what one request asked for ends with it, so that no other waits for it. */
export function createKillSwitch(isolated = false): KillSwitch {
  let texts: readonly string[] | undefined
  let readAt = -Infinity
  let reading: Promise<void> | undefined

  async function read(holder: Holder): Promise<void> {
    const { clock, store } = holder.ports
    readAt = clock.now()
    let now: readonly string[]
    try {
      now = [...(await store.notes('denial')).values()].toSorted()
    } catch (cause) {
      if (texts) return
      readAt = -Infinity
      const message = 'what is denied could not be read from the state'
      throw new FailureError(failure('no_healthy_target', message, { cause, retryAfterMs: FRESH }))
    }
    const news = JSON.stringify(now) !== JSON.stringify(texts ?? [])
    texts = now
    if (news) await put(holder, holder.snapshot)
  }

  /** Whatever is loaded or denied meanwhile, the newest of both is in force at the end. */
  async function put(holder: Holder, file: Snapshot): Promise<void> {
    const wanted = texts ?? []
    const made = await file.deny(wanted)
    if (texts !== undefined && texts !== wanted) return put(holder, file)
    holder.snapshot = holder.ports.inventory.inform(made)
  }

  /** A second one waits for the first: nobody goes on by what was before. */
  function refreshed(holder: Holder): Promise<void> {
    if (isolated) return read(holder)
    reading ??= read(holder).finally(() => {
      reading = undefined
    })
    return reading
  }

  return {
    refresh(holder) {
      if (reading) return reading
      return texts && holder.ports.clock.now() - readAt < FRESH ? undefined : refreshed(holder)
    },
    async take(holder, file) {
      // At once where nothing is denied.
      if (texts?.length === 0) holder.snapshot = holder.ports.inventory.inform(file)
      if (texts === undefined) await refreshed(holder)
      await put(holder, file)
    },
    async deny(holder, value) {
      const denial = holder.snapshot.readDenial(value)
      const { store } = holder.ports
      const before = await store.notes('denial')
      if (before.size >= MOST && !before.has(denial.name)) throw tooMany()
      await store.write('denial', denial.name, denial.text)
      await refreshed(holder)
      return denial
    },
    async lift(holder, name) {
      const was = await holder.ports.store.erase('denial', name)
      await refreshed(holder)
      return was
    },
    list: async ({ ports }) => [...(await ports.store.notes('denial')).values()].map((text) => parseJson(text) ?? null),
  }
}

function tooMany(): FailureError {
  return new FailureError(
    failure('invalid_request_error', `there are ${MOST} denials: lift one, or write rules in the file`),
  )
}
