import type { Adapter } from '#src/core/adapter.ts'
import type { Catalog } from '#src/core/catalog.ts'
import type { Ancestry, Facts } from '#src/core/facts.ts'
import type { Provider, Target } from '#src/core/target.ts'
import type { HostKind } from './address.ts'
import { compilePrice, currencyOf } from './compile-price.ts'
import type { CurrenciesFile } from './schema-price.ts'
import type { ModelFile, ProviderFile } from './schema-provider.ts'

/** A provider of the file with what is known about its host. */
export interface ProviderEntry {
  readonly provider: Provider
  readonly file: ProviderFile
  /** The catalogued vendor whose host it is. */
  readonly vendor?: string
  readonly hostname: string
  /** It is a host of the type's own vendor. */
  readonly own: boolean
  /** What the file says of all its models. */
  readonly declared: Facts
  /** What its host and its type say. */
  readonly defaults: Facts
}

/** A host as the provider's address names it. */
export interface Host {
  readonly hostname: string
  readonly kind: HostKind
  /** Facts of the vendor's own host that `region` chose. */
  readonly chosen?: Facts
}

/** What the file declares of a provider: it wins over everything. */
export function declaredFacts(file: ProviderFile, host: Host): Facts {
  return defined({
    ...operatorFacts(file),
    region: host.chosen?.region ?? file.region,
    local: file.local,
    trainsOnData: file.trainsOnData,
    retainsData: file.retainsData,
  })
}

/** Of a provider who runs it; of a model who runs what is behind its provider. */
export function operatorFacts({ operator }: Pick<ProviderFile, 'operator'>): Facts {
  return defined({ operator: operator?.name, operatorCountry: operator?.country?.toUpperCase() })
}

/** What is known of every model on this host although the file does not say it. */
export function hostFacts(adapter: Adapter, host: Host, catalog: Catalog): Facts {
  const vendor = catalog.vendorOfHost(host.hostname)
  const known = vendor === undefined ? undefined : catalog.vendor(vendor)
  const own = isOwnHost(adapter, host, catalog) ? adapter.facts : undefined
  const house = adapter.local && host.kind !== 'public' && host.kind !== 'name' ? { local: true } : undefined
  return merge([host.chosen, known, own, house])
}

/**
 * Whether a type's own facts may be believed of this host. An address that the operator wrote may be anybody's: then only the file speaks.
 */
export function isOwnHost(adapter: Adapter, host: Host, catalog: Catalog): boolean {
  if (adapter.local) return host.kind === 'loopback' || host.kind === 'private'
  const urls = [adapter.baseUrl, ...Object.values(adapter.regions ?? {}).map((region) => region.baseUrl)]
  const hosts = urls.filter((url) => url !== undefined).map((url) => new URL(url).hostname)
  if (hosts.includes(host.hostname)) return true
  const vendor = catalog.vendorOfHost(host.hostname)
  if (vendor === undefined) return false
  return hosts.length === 0 || hosts.some((name) => catalog.vendorOfHost(name) === vendor)
}

/** One model of a provider with its facts: file, then catalog by vendor and name, then the provider's defaults (INTERFACE.md section 9). */
export function makeTarget(
  entry: ProviderEntry,
  model: string,
  place: { catalog: Catalog; source: string; price: string; currencies: CurrenciesFile | undefined },
): Target {
  const { provider, vendor } = entry
  const { adapter } = provider
  const { catalog } = place
  const models = entry.file.models ?? {}
  const written = Object.hasOwn(models, model) ? models[model] : undefined
  const declared = written === undefined ? {} : modelFacts(written, place)
  // A deployment's name is its owner's choice: it says nothing of the model behind it.
  const named = vendor === undefined || adapter.modelsMustBeDeclared ? undefined : catalog.model(vendor, model)
  const host = elsewhere(adapter, model) ?? { declared: entry.declared, defaults: entry.defaults }
  const merged = placed(merge([declared, host.declared, named, host.defaults]), entry, model)
  const { local, ...unplaced } = merged
  // Who sends requests on does not know where the model runs.
  const known = adapter.aggregator && local === true ? unplaced : merged
  const facts = {
    ...known,
    ...(adapter.searchesUnasked && { searchesUnasked: adapter.searchesUnasked }),
    provider: provider.name,
    model,
  }
  const target = { id: `${provider.name}/${model}`, provider, model, facts, source: place.source }
  // A vendor vouches for the names that the catalog lists as its own; of any other the name itself is evidence against.
  const suspicion = named === undefined ? suspicionOf(catalog, model, declared) : undefined
  const whole = {
    ...target,
    ancestry: catalog.ancestry(facts.lineage),
    ...(facts.components && { parts: catalog.ancestry(facts.components) }),
  }
  return suspicion === undefined ? whole : { ...whole, suspicion }
}

/** What is known of a model that the host does not run itself; undefined: it does. */
function elsewhere(
  { elsewhere: other }: Adapter,
  model: string,
): Pick<ProviderEntry, 'declared' | 'defaults'> | undefined {
  const id = model.toLowerCase()
  return other?.endings.some((ending) => id.endsWith(ending)) ? { declared: other.facts, defaults: {} } : undefined
}

/** With the region that the model's id and the accounts' settings say, where the type goes by them; of one that roams nothing else counts. */
function placed(facts: Facts, { provider, file, own }: ProviderEntry, model: string): Facts {
  const { adapter, accounts } = provider
  if (adapter.placeOf === undefined) return facts
  const places = accounts.map(({ settings = {} }) => adapter.placeOf?.(model, settings) ?? { roams: false })
  const { region: known, ...unplaced } = facts
  const regions = new Set(places.map(({ region }) => region))
  const region = own && regions.size === 1 ? places[0]?.region : undefined
  if (places.some(({ roams }) => roams)) return region === undefined ? unplaced : { ...unplaced, region }
  const said = file.region === undefined ? (region ?? known) : known
  return said === undefined ? unplaced : { ...unplaced, region: said }
}

/** What the name alone suggests, but for what the file declares. */
function suspicionOf(catalog: Catalog, model: string, declared: Facts): Target['suspicion'] {
  const suspect = catalog.suspect(model)
  if (suspect === undefined) return undefined
  const left = Object.entries(suspect.facts).filter(([name]) => !Object.hasOwn(declared, name))
  const facts: Facts = Object.fromEntries(left)
  const none: Ancestry = { ancestors: [], complete: true }
  const ancestry = declared.lineage === undefined ? suspect.ancestry : none
  return left.length === 0 && ancestry.ancestors.length === 0 ? undefined : { facts, ancestry }
}

function modelFacts(file: ModelFile, at: { price: string; currencies: CurrenciesFile | undefined }): Facts {
  const { price, operator: _operator, ...facts } = file
  return defined({
    ...facts,
    license: file.license?.toLowerCase(),
    price: price && compilePrice(price, at.price, currencyOf(at.currencies, price.currency)),
  })
}

/** The first that knows a fact wins. */
function merge(layers: readonly (Facts | undefined)[]): Facts {
  const facts: Facts = {}
  for (const layer of layers.toReversed()) Object.assign(facts, defined(layer ?? {}))
  return facts
}

type MaybeFacts = { readonly [Name in keyof Facts]?: Facts[Name] | undefined }

/** Without the members that are undefined, which would hide what lies below them. */
function defined(facts: MaybeFacts): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
}
