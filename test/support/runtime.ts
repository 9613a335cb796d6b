import { inject } from 'vitest'
import type { DecisionRecord } from '#src/telemetry/telemetry.ts'
import { configured, startWorkerd, type Outside, type Workerd } from '../../scripts/workerd.ts'
import type { Bundles } from '../workerd/bundle.ts'
import type { Served } from './gateway-suite.ts'
import { startGateway } from './gateway.ts'
import { corpusAbsent } from './require.ts'

/** Where tutti runs in suites that test/workerd/vitest.config.ts runs once more: in this process, or in workerd. */
const bundles = inject('bundles')

export const RUNTIME = bundles === undefined ? 'Node' : 'workerd'

/** Why recorded traffic is not replayed here; undefined: it is. */
export function whyNotRecorded(): string | undefined {
  if (corpusAbsent()) return '../shared/corpus is not beside the project'
  return bundles === null ? 'there is no workerd here' : undefined
}

function bundled(): Bundles {
  if (!bundles) throw new Error('there is no workerd here')
  return bundles
}

/** A gateway on a port of its own; its upstreams are on this machine. */
export async function startServed(config: object): Promise<Served> {
  if (RUNTIME === 'workerd') return startServedInWorkerd(config)
  const { url, decisions, close } = await startGateway(config)
  return { url, decisions: () => decisions, close }
}

async function startServedInWorkerd(config: object): Promise<Served> {
  const { url, lines, close } = await startWorkerd(configured(bundled().worker, JSON.stringify(config)))
  const decisions = (): readonly DecisionRecord[] =>
    lines.filter((line) => line.startsWith('{"outcome"')).map((line): DecisionRecord => JSON.parse(line))
  return { url, decisions, close }
}

/** The worker whose upstreams are test/workerd/replay-worker.ts. */
export function startReplayed(config: object, texts: Outside['texts'], which: 'worker' | 'narrow'): Promise<Workerd> {
  const { [which]: bundle, replay } = bundled()
  return startWorkerd(configured(bundle, JSON.stringify(config)), { outside: { script: replay, texts } })
}
