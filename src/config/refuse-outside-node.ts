import type { Snapshot } from '#src/core/snapshot.ts'
import type { Settings } from './compile.ts'

/**
 * What a good configuration asks for that a worker of this version cannot do, a sentence each; empty: it can be deployed.
 * Asked when the worker is built and again when it starts, since a variable may bring it in.
 */
export function refuseForWorker(snapshot: Snapshot, { state, shared }: ForWorker): readonly string[] {
  return [...access(snapshot), ...(shared ? [] : counting(snapshot)), ...network(snapshot), ...driver(state)]
}

interface ForWorker extends Pick<Settings, 'state'> {
  /** It has state that its instances share: the binding `TUTTI_STATE`. */
  readonly shared: boolean
}

/** Everybody reaches a worker, so it is never open by leaving `keys` out. */
function access({ access }: Snapshot): readonly string[] {
  return access.mode === 'open' ? ['a worker needs `keys`, or `auth: none` where anybody may use it'] : []
}

const NEED = 'on a worker need the Durable Object that wrangler.toml binds as `TUTTI_STATE`'

/** An isolate's memory is not shared: a budget counted in it would be overspent (law 2). */
function counting({ keysById, shared }: Snapshot): readonly string[] {
  const counted = [...keysById.values()].filter(({ budget, limits }) => (budget ?? limits) !== undefined)
  return [
    ...counted.map(({ id }) => `key \`${id}\`: \`budget\` and \`limits\` ${NEED}`),
    ...(['budgets', 'limits'] as const).filter((name) => shared[name].length > 0).map((name) => `\`${name}\` ${NEED}`),
  ]
}

/** Fields that only Node's own transport carries out. */
function network({ providers }: Snapshot): readonly string[] {
  return dialled(providers, (field) => `\`${field}\` on a worker is not in this version`)
}

function driver(state: Settings['state']): readonly string[] {
  if (state.driver === 'redis')
    return ['`state: { driver: redis }`: a worker keeps no connection from one request to the next; leave `state` out']
  return state.driver === 'sqlite'
    ? ['`state: { driver: sqlite }` on a worker is not in this version: leave `state` out, its Durable Object keeps it']
    : []
}

/**
 * What a configuration asks for that a gateway inside another program leaves to that program, a sentence each with what to give instead.
 */
export function refuseForLibrary(
  { providers }: Snapshot,
  { state }: Pick<Settings, 'state'>,
  given: { readonly fetch: boolean; readonly state: boolean },
): readonly string[] {
  const dial = given.fetch
    ? []
    : dialled(providers, (field) => `\`${field}\` needs a \`fetch\` that does it: give one to createGateway`)
  const keep =
    given.state || state.driver === 'memory'
      ? []
      : [`\`state: { driver: ${state.driver} }\` needs a store: give one to createGateway as \`state\``]
  return [...dial, ...keep]
}

function dialled(providers: Snapshot['providers'], say: (field: string) => string): readonly string[] {
  return [...providers.values()].flatMap(({ egress, name, source }) => {
    const fields = [egress.proxy !== undefined && 'proxy', egress.ca !== undefined && 'ca'].filter(
      (field) => field !== false,
    )
    return fields.map((field) => `${source}: provider \`${name}\`: ${say(field)}`)
  })
}
