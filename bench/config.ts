import { createHash } from 'node:crypto'
import { credentialOf, MODEL } from './protocol.ts'

export interface ConfigOptions {
  readonly upstream: string
  readonly rules: number
  readonly keys: number
  /** Each key has a budget and limits, wide enough to never refuse; what keeps them. Absent: none has. */
  readonly spending?: State | undefined
  readonly logs: boolean
}

export type State =
  | { readonly driver: 'memory' }
  | { readonly driver: 'sqlite'; readonly path: string }
  | { readonly driver: 'redis'; readonly url: string }

/** A configuration of tutti for the bench, as JSON, which is YAML too: some rules speak about other callers, none stands in the way. */
export function configFor({ upstream, rules, keys, spending, logs }: ConfigOptions): string {
  return JSON.stringify({
    version: 1,
    server: { bodyLimit: '24MB' },
    state: spending ?? { driver: 'memory' },
    providers: {
      upstream: {
        type: 'openai-compatible',
        baseUrl: `${upstream}/v1`,
        apiKey: 'sk-upstream',
        local: true,
        region: 'KR',
        operator: { name: 'bench', country: 'KR' },
        models: { [MODEL]: MODEL_FACTS },
      },
    },
    models: { [MODEL]: { targets: [`upstream/${MODEL}`] } },
    policies: Array.from({ length: rules }, (_, index) => ruleAt(index, keys)),
    keys: Array.from({ length: keys }, (_, index) => keyAt(index, spending !== undefined)),
    metrics: { auth: 'none' },
    telemetry: { logs: logs ? 'json' : 'off' },
  })
}

const MODEL_FACTS = {
  developer: 'kakao',
  lineage: [],
  family: 'kanana',
  license: 'apache-2.0',
  openWeights: true,
  // Large enough for the largest body.
  context: 100_000_000,
  maxOutput: 8192,
  capabilities: ['chat', 'tools'],
  price: { input: 0.1, output: 0.4 },
}

/** Distinct tags; keys share them. */
const TAGS = 100

function ruleAt(index: number, keys: number): object {
  const name = `rule-${index}`
  const reason = 'for the bench'
  switch (index % 5) {
    case 0:
      return { name, reason, deny: { developer: `developer-${index}`, derived: true } }
    case 1:
      return { name, reason, deny: { model: `*-${index}b-*` } }
    case 2:
      return { name, reason, require: { region: ['KR', 'JP'] } }
    case 3:
      return {
        name,
        reason,
        deny: { operatorCountry: ['FR', 'DE'] },
        subjects: { tags: [`tag-${index % Math.min(keys, TAGS)}`] },
      }
    default:
      return { name, reason, deny: { region: 'US' }, subjects: { keys: [`key-${index % keys}`] } }
  }
}

function keyAt(index: number, spending: boolean): object {
  return {
    id: `key-${index}`,
    sha256: createHash('sha256').update(credentialOf(index)).digest('hex'),
    tenant: `tenant-${index % 50}`,
    tags: [`tag-${index % TAGS}`],
    models: [MODEL, 'upstream/*'],
    ...(spending && WIDE),
  }
}

const WIDE = {
  budget: { usd: 900_000, per: 'month' },
  limits: { rpm: 100_000_000, tpm: 1_000_000_000_000, concurrency: 10_000 },
}
