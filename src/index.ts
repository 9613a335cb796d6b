// The library: one gateway in any runtime that has fetch (INTERFACE.md section 7).
import { renderByPath, renderProblem } from '#src/config/problem.ts'
import { refuseForLibrary } from '#src/config/refuse-outside-node.ts'
import type { Decision } from '#src/core/decision.ts'
import { FailureError } from '#src/core/failure.ts'
import type { Hash } from '#src/core/hash.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { createWebChannel } from '#src/http/web-channel.ts'
import { explain, type ExplainInput } from '#src/pipeline/explain.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createFetchTransport, type Fetch } from '#src/transport/fetch.ts'
import { createAiFetch } from '#src/transport/workers-ai.ts'
import { assemble, openLog, webHash } from './assemble.ts'
import { load } from './load.ts'

export type { Candidate, Decision } from '#src/core/decision.ts'
export type { Problem } from '#src/config/problem.ts'
export type { StateStore } from '#src/core/state-store.ts'

export interface GatewayOptions {
  /** Asks the providers; the runtime's own fetch unless given. */
  readonly fetch?: Fetch
  /** Values for `${NAME}`; without it every such variable is missing. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** A worker's bindings by name, as its `env` has them: what providers of type `workers-ai-binding` ask. */
  readonly bindings?: Readonly<Record<string, unknown>>
  /** Where budgets and limits are kept; in memory unless given. */
  readonly state?: StateStore
  /** Takes each decision as one line of JSON, in a chain of hashes that `close` ends: the lines of one gateway, in their order. */
  readonly log?: (line: string) => void
}

export interface TuttiGateway {
  /** Answers one HTTP request as the server would. */
  fetch(request: Request): Promise<Response>
  /** The decision that a request would get; asks no provider. Throws for a bad question, with what is wrong. */
  explain(input: ExplainInput): Promise<Decision>
  close(): Promise<void>
}

/**
 * A gateway inside another program. `config` is the text of a tutti.yaml (or JSON), or the same as an object.
 * Rejects with all problems of the configuration, each with its place.
 */
export async function createGateway(config: string | object, options: GatewayOptions = {}): Promise<TuttiGateway> {
  const text = typeof config === 'string' ? config : JSON.stringify(config, null, 2)
  const binding = (name: string): Fetch | undefined => createAiFetch(options.bindings?.[name])
  const loaded = await load(text, {
    file: 'config',
    env: (name) => options.env?.[name],
    hasBinding: (name) => binding(name) !== undefined,
    missing: 'error',
    hash: webHash,
  })
  if (!loaded.ok) throw notGood(loaded.problems.map(typeof config === 'string' ? renderProblem : renderByPath))
  const given = { fetch: options.fetch !== undefined, state: options.state !== undefined }
  const refused = refuseForLibrary(loaded.snapshot, loaded.settings, given)
  if (refused.length > 0) throw notGood(refused)
  const store = options.state ?? createMemoryStore()
  const transport = createFetchTransport(options.fetch ?? ((url, init) => fetch(url, init)), binding)
  const log = options.log && openLog(loaded.snapshot.epoch, options.log, hashNow())
  const { gateway, app } = assemble(loaded.snapshot, {
    transport,
    store,
    hash: webHash,
    // Which runtime this is, is not known.
    isolated: true,
    ...(log && { log: log.add }),
  })
  return {
    async fetch(request) {
      return app.fetch(request, { channel: createWebChannel(request, 'embedded') })
    },
    async explain(input) {
      try {
        return await explain(gateway, input)
      } catch (error) {
        throw error instanceof FailureError ? new Error(error.failure.message, { cause: error }) : error
      }
    },
    async close() {
      gateway.ports.bookkeeper.giveUp()
      await transport.close()
      await store.close()
      gateway.ports.telemetry.end()
      await log?.close()
    },
  }
}

/** Node, Bun and Deno hash at once, so that a line is written before its answer has ended. undefined: the runtime cannot. */
function hashNow(): Hash | undefined {
  const node = globalThis.process?.getBuiltinModule?.('node:crypto')
  return node && ((text) => node.createHash('sha256').update(text).digest('hex'))
}

function notGood(problems: readonly string[]): Error {
  return new Error(`the configuration is not good:\n${problems.join('\n')}`)
}
