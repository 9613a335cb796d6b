import { joinBytes } from '#src/core/binary.ts'
import { failure, FailureError } from '#src/core/failure.ts'
import type { Client } from '#src/core/request.ts'
import type { Sink } from '#src/core/sink.ts'
import type { Caller } from '#src/pipeline/authenticate.ts'

/** One HTTP exchange with a caller, whatever the runtime. */
export interface Channel extends Caller {
  readonly method: string
  /** undefined: the runtime does not say. */
  readonly client?: Client
  readonly sink: Sink
  /** The body as it came, at most `limit` bytes: 413 above. */
  bytes(limit: number): Promise<Uint8Array>
  /** What the HTTP library is given back: the answer itself, or a sign that the sink has it. */
  readonly response: Response | Promise<Response>
}

/** Collects a body chunk by chunk and refuses it as soon as it is too large. */
export function createBodyCollector(limit: number): { add(chunk: Uint8Array): void; whole(): Uint8Array } {
  const chunks: Uint8Array[] = []
  let size = 0
  return {
    add(chunk) {
      size += chunk.length
      if (size > limit) throw tooLarge(limit)
      chunks.push(chunk)
    },
    whole: () => joinBytes(chunks),
  }
}

export function tooLarge(limit: number): FailureError {
  return new FailureError(failure('request_too_large', `the request body is larger than ${limit} bytes`))
}
