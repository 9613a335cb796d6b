import type { Hash } from '#src/core/hash.ts'
import { linked, NO_LINE, sealed } from '#src/core/sealed-line.ts'

/** The log of one instance of tutti: a chain of lines, each of which holds the hash of the one before it. */
export interface DecisionLog {
  /** Takes a decision as one line of JSON, without its end. Lines are written in the order in which they were taken. */
  add(record: string): void
  /** Another configuration decides from here on. */
  reloaded(epoch: string): void
  /** Resolves when all that was taken has been written. */
  written(): Promise<void>
  /** Ends the chain, where one was begun; resolves when all is written. What is added later is written after the end. */
  close(): Promise<void>
}

export interface DecisionLogOptions {
  /** 16 hex digits, random: no other instance has them. */
  readonly instance: string
  readonly epoch: string
  /** Of tutti, where the runtime knows it. */
  readonly version?: string
  readonly hash: Hash
  /** ms since 1970. */
  readonly now: () => number
  readonly write: (line: string) => void
}

/** Begins with the first thing that is to be written: an instance that is never asked writes nothing. */
export function createDecisionLog(options: DecisionLogOptions): DecisionLog {
  const { now, epoch, version } = options
  const startedAt = now()
  const chain = createChain(options)
  let begun = false

  function add(record: string): void {
    if (!begun) {
      begun = true
      chain.add(eventAt(startedAt, { event: 'start', ...(version !== undefined && { version }), epoch }))
    }
    chain.add(record)
  }

  return {
    add,
    reloaded: (next) => add(eventAt(now(), { event: 'epoch', epoch: next })),
    written: chain.written,
    close() {
      if (begun) add(eventAt(now(), { event: 'end' }))
      return chain.written()
    },
  }
}

interface Event {
  readonly event: 'start' | 'epoch' | 'end'
  readonly version?: string
  /** Which configuration decides from here on. */
  readonly epoch?: string
}

function eventAt(ms: number, { event, ...more }: Event): string {
  return JSON.stringify({ event, time: new Date(ms).toISOString(), ...more })
}

type Chain = Pick<DecisionLog, 'add' | 'written'>

/** Seals records one after another. Where the runtime hashes later, those that come meanwhile wait for their turn. */
function createChain({ instance, hash, write }: DecisionLogOptions): Chain {
  const waiting: string[] = []
  let sealing: Promise<void> | undefined
  let seq = 0
  let prev = NO_LINE

  function sealAll(): void {
    for (let record = waiting.shift(); record !== undefined; record = waiting.shift()) {
      const own = record
      const text = linked(own, { instance, seq, prev })
      const digest = hash(text)
      if (typeof digest === 'string') finish(text, digest)
      else {
        // A line without its seal is found by whoever checks the log, one that was never written is not.
        sealing = digest
          .then(
            (late) => finish(text, late),
            () => write(own),
          )
          .then(next, next)
        return
      }
    }
  }

  function next(): void {
    sealing = undefined
    sealAll()
  }

  function finish(text: string, digest: string): void {
    seq++
    prev = digest
    write(sealed(text, digest))
  }

  function written(): Promise<void> {
    return sealing ? sealing.then(written) : Promise.resolve()
  }

  return {
    add(record) {
      waiting.push(record)
      if (!sealing) sealAll()
    },
    written,
  }
}
