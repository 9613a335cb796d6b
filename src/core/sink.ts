/**
 * Where an answer goes: one owner of the caller's response, whatever the runtime.
 * Either `send` once, or `open`, `write`..., and then `end` or `destroy`. After the caller has gone every call is a no-op.
 * `opened` is a field that is written, as it is in all that is made once a request: for a getter in an object literal the engine makes a class
 * of its own for every such object, which makes all code around it slow and keeps the object until the next full collection.
 */
export interface Sink {
  /** A whole answer. */
  send(status: number, headers: Readonly<Record<string, string>>, body: string | Uint8Array): void
  /** The head of a streamed answer, sent at once. */
  open(status: number, headers: Readonly<Record<string, string>>): void
  /** False asks the writer to wait for `onDrain`. */
  write(bytes: string | Uint8Array): boolean
  /** The proper end. */
  end(): void
  /** Ends the connection so that the caller sees that the answer is not whole. */
  destroy(): void
  readonly opened: boolean
  /** Headers that came too late for a head that is out. */
  tell?(headers: Readonly<Record<string, string>>): void
  onDrain(run: () => void): void
  /** The caller hung up before the end. */
  onGone(run: () => void): void
}
