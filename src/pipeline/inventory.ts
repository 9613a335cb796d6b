import { ANY, type HostedModel, type Inventory } from '#src/core/inventory.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Provider } from '#src/core/target.ts'
import type { Telemetry, TelemetryEvent } from '#src/telemetry/telemetry.ts'
import { ANSWER_TIMEOUT, askHost, type Said } from './ask-host.ts'
import type { Means } from './collect-answer.ts'

/** ms from one asking of a host to the next. */
const EVERY = 60_000
/** An asking that is older was given up by its runtime, which ends what a request began with that request; ms. */
const LOST = 5 * EVERY
/** What is remembered of one host, as models that it spoke of. */
const MOST_SAID = 1000

/** Whose hosts are asked: the part of a gateway that this needs. What they say takes effect by another snapshot. */
export interface Asker {
  readonly ports: Means & { readonly telemetry: Pick<Telemetry, 'event'> }
  snapshot: Snapshot
}

/** What hosts say that they run: asked when somebody needs it, and kept while they are silent. In memory alone. */
export interface HostInventory {
  /** Asks whoever has not been asked for a minute, where there is a rule that could read the answer. Resolves when those have answered. */
  attend(asker: Asker): Promise<void>
  /** Hosts that have not had 2 s for their first answer yet, among these: resolves once they have had. undefined: there is none. */
  first(asker: Asker, providers: () => readonly Provider[]): Promise<void> | undefined
  /** The same configuration with what its hosts have said so far. */
  inform(snapshot: Snapshot): Snapshot
  /** From here on nobody is asked, and nothing is told. */
  stop(): void
}

interface Host {
  /** What it said, the newest first; undefined: nothing yet. */
  said?: readonly HostedModel[]
  /** ms since 1970. */
  askedAt: number
  /** Absent: nobody is asking it. */
  asking?: Promise<void> | undefined
  /** It was asked once to the end. */
  settled: boolean
  silent: boolean
}

/** Remembers nothing beyond the process: a start asks again. */
export function createHostInventory(): HostInventory {
  const hosts = new Map<string, Host>()
  const informed = new WeakMap<Snapshot['inform'], { readonly version: number; readonly snapshot: Snapshot }>()
  let version = 0
  let stopped = false

  function inform(snapshot: Snapshot): Snapshot {
    if (version === 0) return snapshot
    const known = informed.get(snapshot.inform)
    if (known?.version === version) return known.snapshot
    const made = snapshot.inform(toldOf(snapshot, hosts))
    informed.set(snapshot.inform, { version, snapshot: made })
    return made
  }

  function attend(asker: Asker): Promise<void> {
    const asked = askedOf(asker.snapshot)
    if (asked.length === 0) return Promise.resolve()
    asker.snapshot = inform(asker.snapshot)
    const work = asked.flatMap((provider) => {
      const host = hostOf(hosts, provider)
      const age = asker.ports.clock.now() - host.askedAt
      const due = !stopped && age >= (host.asking ? LOST : EVERY)
      return due ? [begin(asker, provider, host)] : []
    })
    return Promise.all(work).then(() => undefined)
  }

  function begin(asker: Asker, provider: Provider, host: Host): Promise<void> {
    host.askedAt = asker.ports.clock.now()
    const asking = askHost(provider, modelsOf(asker.snapshot, provider), asker.ports).then((said) => {
      if (stopped || host.asking !== asking) return
      host.asking = undefined
      host.settled = true
      listen(host, said, { asker, provider })
    })
    host.asking = asking
    return asking
  }

  function listen(host: Host, { models, whole }: Said, { asker, provider }: Spoken): void {
    const wasSilent = host.silent
    host.silent = !whole
    if (host.silent && !wasSilent) tell(asker, { event: 'inventory_silent', provider: provider.name })
    const said = mergedOf(host.said, { models, whole })
    if (said.length === 0 || JSON.stringify(said) === JSON.stringify(host.said)) return
    const before = asker.snapshot
    host.said = said
    version++
    asker.snapshot = inform(before)
    for (const event of newContradictions(before, asker.snapshot)) tell(asker, event)
  }

  return {
    attend,
    inform,
    stop() {
      stopped = true
    },
    first(asker, providers) {
      const now = asker.ports.clock.now()
      const isNew = (host: Host | undefined) => host && !host.settled && now - host.askedAt < ANSWER_TIMEOUT
      if (![...hosts.values()].some(isNew)) return undefined
      const waiting = providers().flatMap((provider) => {
        const host = hosts.get(placeOf(provider))
        return isNew(host) ? (host?.asking ?? []) : []
      })
      return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => undefined)
    },
  }
}

function newContradictions(before: Snapshot, { targets }: Snapshot): readonly TelemetryEvent[] {
  return [...targets.values()].flatMap(({ id, hosted }): readonly TelemetryEvent[] => {
    const says = hosted?.contradictions ?? []
    const said = before.targets.get(id)?.hosted?.contradictions ?? []
    const news = says.length > 0 && says.join('\n') !== said.join('\n')
    return news ? [{ event: 'inventory_contradicts', target: id, says }] : []
  })
}

interface Spoken {
  readonly asker: Asker
  readonly provider: Provider
}

function hostOf(hosts: Map<string, Host>, provider: Provider): Host {
  const place = placeOf(provider)
  const host = hosts.get(place) ?? { askedAt: -Infinity, settled: false, silent: false }
  hosts.set(place, host)
  return host
}

function toldOf({ providers }: Snapshot, hosts: ReadonlyMap<string, Host>): Inventory {
  const told = new Map<string, readonly HostedModel[]>()
  for (const provider of providers.values()) {
    const said = hosts.get(placeOf(provider))?.said
    if (said) told.set(provider.name, said)
  }
  return told
}

/** The newest word on a model counts; of one that the host does not speak of now, its last. Where it left something out, all of them. */
function mergedOf(before: readonly HostedModel[] = [], { models, whole }: Said): readonly HostedModel[] {
  const spoken = new Set(models.map(({ model }) => model))
  const now = new Set(models.map((model) => JSON.stringify(model)))
  const kept = before.filter((model) => (whole ? !spoken.has(model.model) : !now.has(JSON.stringify(model))))
  return [...models, ...kept].slice(0, MOST_SAID)
}

/** A log that cannot be written does not stop anybody. */
function tell({ ports }: Asker, event: TelemetryEvent): void {
  try {
    ports.telemetry.event(event)
  } catch {
    // There is nobody to tell.
  }
}

const asked = new WeakMap<Snapshot['inform'], readonly Provider[]>()

/** Whose hosts are asked: nobody's where there is no rule. */
function askedOf({ inform, providers, rules }: Snapshot): readonly Provider[] {
  const known = asked.get(inform)
  if (known) return known
  const wanted = [...providers.values()].filter(({ adapter, egress }) => adapter.inventory && egress.local)
  const made = rules.length === 0 ? [] : wanted
  asked.set(inform, made)
  return made
}

function modelsOf({ targets }: Snapshot, { name }: Provider): readonly string[] {
  const own = [...targets.values()].filter(({ provider }) => provider.name === name)
  return own.map(({ model }) => model).filter((model) => model !== ANY)
}

/** After a reload the same name may be another host. */
function placeOf({ name, accounts }: Provider): string {
  return `${name} ${accounts[0]?.baseUrl ?? ''}`
}
