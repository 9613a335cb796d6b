import { joinBytes, textsOf } from '#src/core/binary.ts'
import type { JsonObject } from '#src/core/json.ts'
import type { Sink } from '#src/core/sink.ts'

/** Bytes of an answer that can be given again: of a larger one nothing is kept. */
const MOST = 8 * 1024 * 1024

/** How an answer begins; `whole`: nothing of it goes out before all of it is there. */
interface Head {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly whole: boolean
}

/** What was written of an answer so far, for its caller and for whoever asks for the same meanwhile. */
export interface Recording {
  readonly own: Sink
  head?: Head
  /** Who answers; absent: nobody knows yet. */
  target?: string
  /** undefined: it is too large. */
  chunks: Uint8Array[] | undefined
  size: number
  /** How it ended; absent: it goes on. */
  over?: 'proper' | 'broken' | 'failed'
  /** Why there is no answer, where it failed. */
  cause?: unknown
  /** How the caller's own answer is to end. */
  end: () => void
  proper: boolean
  /** None: it is being given up. */
  readers: number
  /** Who is to be told once, that there is more, that the caller can take more, that nobody reads it any more. */
  readonly more: (() => void)[]
  readonly drained: (() => void)[]
  readonly gone: (() => void)[]
}

const encoder = new TextEncoder()

export function createRecording(own: Sink): Recording {
  const end = (): void => own.destroy()
  const waiting = { more: [], drained: [], gone: [] }
  const recording: Recording = { own, chunks: [], size: 0, end, proper: false, readers: 1, ...waiting }
  own.onGone(() => {
    // Those who stay do not wait for what one would have read that has gone.
    runAll(recording.drained)
    leave(recording)
  })
  return recording
}

function runAll(waiting: (() => void)[]): void {
  for (const run of waiting.splice(0)) run()
}

function leave(recording: Recording): void {
  if (--recording.readers === 0) runAll(recording.gone)
}

/** Where the answer is written. Its end goes on with `close`; whoever writes is told of a hang-up when the last of all who read it has gone. */
export function sinkOf(recording: Recording): Sink {
  const { own, drained, gone, more } = recording

  function add(written: string | Uint8Array): void {
    const bytes = typeof written === 'string' ? encoder.encode(written) : written
    recording.size += bytes.length
    if (recording.size > MOST) recording.chunks = undefined
    recording.chunks?.push(bytes)
    runAll(more)
  }

  function tell(headers: Readonly<Record<string, string>>): void {
    const target = headers['x-tutti-target']
    if (target !== undefined) recording.target = target
  }

  const sink: Sink & { opened: boolean } = {
    opened: false,
    send(status, headers, body) {
      sink.opened = true
      recording.head = { status, headers, whole: true }
      tell(headers)
      recording.proper = true
      recording.end = () => own.send(status, headers, body)
      add(body)
    },
    open(status, headers) {
      sink.opened = true
      recording.head = { status, headers, whole: false }
      tell(headers)
      own.open(status, headers)
      runAll(more)
    },
    tell,
    write(bytes) {
      add(bytes)
      return own.write(bytes)
    },
    end() {
      recording.proper = true
      recording.end = () => own.end()
    },
    destroy() {
      recording.proper = false
      recording.end = () => own.destroy()
    },
    onDrain(run) {
      drained.push(run)
      own.onDrain(() => runAll(drained))
    },
    onGone(run) {
      if (recording.readers === 0) run()
      else gone.push(run)
    },
  }
  return sink
}

/** Lets the end go on to all who read it. */
export function close(recording: Recording): void {
  recording.over = recording.proper ? 'proper' : 'broken'
  try {
    recording.end()
  } catch {
    recording.own.destroy()
  }
  runAll(recording.more)
}

/** There is no answer; its caller is told so elsewhere. */
export function fail(recording: Recording, cause: unknown): void {
  recording.over = 'failed'
  recording.cause = cause
  runAll(recording.more)
}

/** The headers of an answer that is given again: limits are of another time. */
export function repeated(headers: JsonObject = {}): Record<string, string> {
  const own = Object.entries(textsOf(headers)).filter(([name]) => !name.startsWith('x-ratelimit-'))
  return { ...Object.fromEntries(own), 'x-tutti-idempotent-replay': 'true' }
}

interface Following {
  /** Runs it when there may be more; when there is, unless given. */
  readonly onMore?: ((run: () => void) => void) | undefined
  /** Asked once when it is known who answers, before any of that is given. Rejects where it is not to be. */
  readonly allow?: (target: string | undefined) => Promise<void>
}

/**
 * Gives an answer that is being recorded to one more caller, from its start, in that caller's own time. False: there is nothing to give. Rejects with
 * the cause where the answer failed or is not allowed.
 */
export async function follow(
  recording: Recording,
  sink: Sink,
  { onMore = (run) => void recording.more.push(run), allow }: Following = {},
): Promise<boolean> {
  if (recording.readers === 0 || !recording.chunks) return false
  recording.readers++
  const reader = { at: 0, left: false, wake(): void {} }
  const go = (): void => {
    if (reader.left) return
    reader.left = true
    leave(recording)
    reader.wake()
  }
  sink.onGone(go)
  let asked = false
  for (;;) {
    if (!asked && (recording.target !== undefined || recording.over)) {
      asked = true
      try {
        await allow?.(recording.target)
      } catch (objection) {
        go()
        if (!sink.opened) throw objection
        // It had a heartbeat: that it breaks is all that can be said.
        sink.destroy()
      }
    }
    const wait = reader.left ? undefined : next(recording, sink, reader)
    if (!wait) return true
    await new Promise<void>((resolve) => {
      reader.wake = resolve
      if (wait === 'more') onMore(resolve)
      else sink.onDrain(resolve)
    })
  }
}

/** Gives what is there, and says what is to be waited for; undefined: it is over. */
function next(
  { head, chunks, over, cause }: Recording,
  sink: Sink,
  reader: { at: number },
): 'more' | 'room' | undefined {
  if (over === 'failed') throw cause
  if (head && !head.whole) {
    if (!sink.opened) sink.open(head.status, repeated(head.headers))
    for (let chunk = chunks?.[reader.at]; chunk; chunk = chunks?.[reader.at]) {
      reader.at++
      if (!sink.write(chunk)) return 'room'
    }
  }
  if (!over && chunks) return 'more'
  if (!chunks || over === 'broken') sink.destroy()
  else if (head?.whole) sink.send(head.status, repeated(head.headers), joinBytes(chunks))
  else sink.end()
  return undefined
}
