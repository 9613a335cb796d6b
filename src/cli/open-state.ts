import { renderProblem } from '#src/config/problem.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { StateStore } from '#src/core/state-store.ts'
import type { ProgramRuntime } from './runtime.ts'

export interface OpenState {
  readonly store: StateStore
  readonly snapshot: Snapshot
}

/**
 * The state that outlives a gateway, as the configuration names it. undefined: there is none, and it was said why. `instead`: what to ask a gateway
 * that keeps it in memory.
 */
export async function openState(
  config: string | undefined,
  instead: string,
  runtime: ProgramRuntime,
): Promise<OpenState | undefined> {
  const { settings, snapshot, problems, file } = await runtime.load(config, 'look')
  if (!settings || !snapshot) {
    for (const problem of problems) runtime.err(renderProblem(problem))
    return undefined
  }
  const store = runtime.openStore(settings)
  if (store.durable) return { store, snapshot }
  await store.close()
  runtime.err(`${file} keeps its state in memory, where nothing outlives the gateway: ask it for \`${instead}\``)
  return undefined
}
