import type { Json } from '#src/core/json.ts'
import type { RequestRecord } from './script.ts'

/** A request that a mock got: credentials left out, `aborted` once the caller hung up before the end of the answer. */
export interface RecordedRequest {
  readonly method: string
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The parsed body; undefined: none, or no JSON. */
  readonly body: Json | undefined
  readonly aborted: boolean
}

export interface Recorder {
  /** What arrived, in order. The same array for the life of the recorder. */
  readonly requests: readonly RecordedRequest[]
  /** Adds a request; the answer marks it as aborted. */
  add(request: RequestRecord): () => void
  clear(): void
}

export function createRecorder(): Recorder {
  const requests: RecordedRequest[] = []
  return {
    requests,
    add(request) {
      const recorded = { ...request, aborted: false }
      requests.push(recorded)
      return () => {
        recorded.aborted = true
      }
    },
    clear() {
      requests.length = 0
    },
  }
}
