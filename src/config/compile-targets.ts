import { foldText } from '#src/core/fold.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Target } from '#src/core/target.ts'
import type { Context } from './context.ts'
import { makeTarget, operatorFacts, type ProviderEntry } from './facts.ts'
import type { Path } from './problem.ts'
import { createRecentlyUsed } from '#src/core/recently-used.ts'
import type { CurrenciesFile } from './schema-price.ts'

/** Targets asked for by `provider/model` that the file does not write; a caller can invent names without end. */
const MAX_DIRECT_TARGETS = 1000
/** Who answered by what upstreams say, and whom they may ask in their turn: some eighty of each model of an aggregator. */
const MAX_SERVED_TARGETS = 10_000

/** Makes the targets of a file: what it writes, and what requests and upstreams name besides. */
export function createTargets(
  entries: ReadonlyMap<string, ProviderEntry>,
  { report, options }: Context,
  currencies: CurrenciesFile | undefined,
) {
  const all = new Map<string, Target>()
  const direct = createRecentlyUsed<Target>(MAX_DIRECT_TARGETS)
  const served = createRecentlyUsed<Target>(MAX_SERVED_TARGETS)
  const make = (entry: ProviderEntry, model: string) => {
    const path: Path = ['providers', entry.provider.name, 'models', model]
    const declared = Object.hasOwn(entry.file.models ?? {}, model)
    const source = declared ? report.place(path) : entry.provider.source
    const price = declared ? report.place([...path, 'price']) : source
    return makeTarget(entry, model, { catalog: options.catalog, source, price, currencies })
  }
  const written = (entry: ProviderEntry, model: string): Target => {
    const id = `${entry.provider.name}/${model}`
    const target = all.get(id) ?? make(entry, model)
    all.set(id, target)
    return target
  }
  const targetOf: Snapshot['targetOf'] = (provider, model) => {
    const id = `${provider.name}/${model}`
    const known = all.get(id) ?? direct.get(id)
    if (known !== undefined) return known
    const entry = entries.get(provider.name)
    if (entry === undefined) throw new RangeError(`the configuration has no provider \`${provider.name}\``)
    const target = make(entry, model)
    direct.set(id, target)
    return target
  }
  /** An operator that the catalog does not know is all that is known of where the answer comes from. */
  const servedOf: Snapshot['servedOf'] = (provider, { model, operator }) => {
    const asked = targetOf(provider, model)
    if (operator === undefined) return asked
    const id = `${asked.id}\n${operator}`
    const known = served.get(id)
    if (known !== undefined) return known
    const { operatorCountry: _country, region: _region, ...facts } = asked.facts
    const hosts = provider.adapter.routes?.hosts ?? {}
    const host = Object.hasOwn(hosts, operator) ? hosts[operator] : undefined
    const vendor = host ?? operator.toLowerCase().replaceAll(' ', '-')
    const behind = options.catalog.vendor(vendor) ?? options.catalog.vendor(foldText(operator))
    const target = { ...asked, facts: { ...facts, operator, ...behind } }
    served.set(id, target)
    return target
  }
  const relayedBy: Snapshot['relayedBy'] = (provider, { model, vendor = '', own, promised }) => {
    const id = `${provider.name}/${model}\n\n${own ?? ''}${vendor}\n${Object.keys(promised).join(' ')}`
    const known = served.get(id)
    if (known !== undefined) return known
    const asked = targetOf(provider, model)
    const { operator: _operator, operatorCountry: _country, ...others } = asked.facts
    const models = entries.get(provider.name)?.file.models ?? {}
    const declared = operatorFacts((Object.hasOwn(models, model) && models[model]) || {})
    const facts = own ? asked.facts : { ...others, ...(options.catalog.vendor(vendor) ?? declared) }
    const target = { ...asked, facts: { ...facts, ...promised } }
    served.set(id, target)
    return target
  }
  return { all, written, targetOf, servedOf, relayedBy }
}
