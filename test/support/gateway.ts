import { hash } from 'node:crypto'
import { assemble, type Runtime } from '#src/assemble.ts'
import { load } from '#src/load.ts'
import { renderProblem } from '#src/config/problem.ts'
import type { DecisionRecord } from '#src/telemetry/telemetry.ts'
import { listen } from '#src/http/node-server.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import type { Sink } from '#src/core/sink.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { createApp, type Bindings } from '#src/http/app.ts'
import type { Gateway, Ports } from '#src/pipeline/gateway.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createUndiciTransport } from '#src/transport/undici.ts'

export const sha256 = (text: string): string => hash('sha256', text)

export interface TestGateway {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string
  readonly gateway: Gateway
  /** Every decision so far, parsed from its log line. */
  readonly decisions: DecisionRecord[]
  /** Every other line of the log so far. */
  readonly events: JsonObject[]
  /** Resolves with the decision of the n-th request (from 0), once it is settled. */
  decision(index: number): Promise<DecisionRecord>
  close(): Promise<void>
}

/** What a test puts in the place of a runtime's own. */
export interface TestRuntime extends Partial<Runtime> {
  readonly sink?: (sink: Sink) => Sink
  readonly ports?: (ports: Ports) => Partial<Ports>
  readonly snapshot?: (snapshot: Snapshot) => Snapshot
}

/** A gateway on a port of its own, as `tutti serve` would run it: Node's server, undici's pools, the memory store. */
export async function startGateway(config: object | string, runtime: TestRuntime = {}): Promise<TestGateway> {
  const compiled = await compile(config)
  const snapshot = runtime.snapshot?.(compiled) ?? compiled
  const decisions: DecisionRecord[] = []
  const events: JsonObject[] = []
  const waiting = new Map<number, (record: DecisionRecord) => void>()
  const transport = runtime.transport ?? createUndiciTransport()
  const assembled = assemble(snapshot, {
    transport,
    store: runtime.store ?? createMemoryStore(),
    hash: sha256,
    ...(runtime.clock && { clock: runtime.clock }),
    log(line) {
      const event = parseJson(line)
      if (isObject(event) && 'event' in event) return void events.push(event)
      const record: DecisionRecord = JSON.parse(line)
      decisions.push(record)
      waiting.get(decisions.length - 1)?.(record)
    },
  })
  const { ports } = assembled.gateway
  const gateway: Gateway = { ...assembled.gateway, ports: { ...ports, ...runtime.ports?.(ports) } }
  const app = createApp(gateway)
  const wrapped = ({ channel, ...more }: Bindings): Bindings => ({
    ...more,
    channel: { ...channel, sink: runtime.sink?.(channel.sink) ?? channel.sink },
  })
  const served = { fetch: (request: Request, bindings: Bindings) => app.fetch(request, wrapped(bindings)) }
  const server = await listen(runtime.sink ? served : app, { host: '127.0.0.1', port: 0 })
  return {
    url: server.url,
    gateway,
    decisions,
    events,
    decision(index) {
      const known = decisions[index]
      return known ? Promise.resolve(known) : new Promise((resolve) => waiting.set(index, resolve))
    },
    async close() {
      await Promise.all([server.drain(0), transport.close()])
    },
  }
}

/** A configuration, compiled; throws with all its problems. */
export async function compile(config: object | string) {
  const text = typeof config === 'string' ? config : JSON.stringify(config)
  const loaded = await load(text, { file: 'tutti.yaml', env: () => undefined, missing: 'error', hash: sha256 })
  if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  return loaded.snapshot
}

/** A provider of this machine, at a base URL, that the rules know all about. */
export function localProvider(baseUrl: string, models: readonly string[] = ['tiny']): object {
  const facts = {
    developer: 'tutti-test',
    lineage: [],
    price: { input: 1, output: 2 },
    context: 100_000,
    maxOutput: 4096,
  }
  return {
    type: 'openai-compatible',
    baseUrl,
    local: true,
    apiKey: 'sk-upstream',
    models: Object.fromEntries(models.map((model) => [model, facts])),
  }
}
