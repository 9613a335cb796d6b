import type { Snapshot } from '#src/core/snapshot.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import type { Settings } from '#src/config/compile.ts'
import type { StateStore } from '#src/core/state-store.ts'
import type { Problem } from '#src/config/problem.ts'

/** A configuration that was read, and all that there is to say about it. `snapshot` is there unless an error was found. */
export interface Loaded {
  readonly file: string
  /** There was no file: this is the built-in demo. */
  readonly demo: boolean
  readonly snapshot?: Snapshot
  readonly settings?: Settings
  readonly problems: readonly Problem[]
}

/** What the command line says instead of the file. */
export interface ServerFlags {
  readonly host?: string
  readonly port?: number
}

/** How strictly a missing environment variable counts: `serve` cannot do without, the others only look. */
export type LoadMode = 'serve' | 'look'

/** What the program may do in the world, handed in by its composition root. */
export interface ProgramRuntime {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** undefined: `tutti.yaml`, `tutti.yml`, `tutti.json` or `tutti.jsonc` of this folder, else the demo. */
  load(path: string | undefined, mode: LoadMode, server?: ServerFlags): Promise<Loaded>
  /** Calls `changed` after the file was written. */
  watch(path: string, changed: () => void): () => void
  /** The state that a configuration names; throws where it cannot be opened. */
  openStore(settings: Settings): StateStore
  serve(loaded: Loaded): Promise<Served>
  /** A gateway that is only asked to explain: it reaches no provider. */
  offline(snapshot: Snapshot): Gateway
  readText(path: string): Promise<string>
  /** The lines of a file that may be larger than memory, without their ends. Throws where it cannot be read. */
  lines(path: string): AsyncIterable<string>
  /** The same lines as the bytes that they are. */
  byteLines(path: string): AsyncIterable<Uint8Array>
  /** Shows how far long work is, in the place of what was shown before; absent: nobody watches. */
  readonly progress?: (text: string) => void
  /** Of the package. */
  version(): Promise<string>
  /** Random bytes as lower-case hex. */
  random(bytes: number): string
  hash(text: string): string
  /** Resolves when the program is asked to stop. */
  stopped(): Promise<void>
}

export interface Served {
  readonly url: string
  readonly gateway: Gateway
  /** Lets another configuration decide from here on. */
  take(snapshot: Snapshot): void
  stop(): Promise<void>
}
