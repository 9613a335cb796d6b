import type { Account, Adapter } from '#src/core/adapter.ts'
import { isObject, type Json } from '#src/core/json.ts'
import type { Egress } from '#src/core/transport.ts'
import { type AccountSettings, fillAddresses, settingsOf } from './account-settings.ts'
import { type CheckedUrl, checkBaseUrl } from './base-url.ts'
import { type Context, salvage } from './context.ts'
import { declaredFacts, type Host, hostFacts, isOwnHost, type ProviderEntry } from './facts.ts'
import { checkHeaders } from './headers.ts'
import { didYouMean } from './nearest.ts'
import type { Path } from './problem.ts'
import { type ProviderFile, providerSchema } from './schema-provider.ts'
import { DEFAULT_TIMEOUTS } from './defaults.ts'

/** Stands for an address that is not known while a file is only checked; no name ends in `.invalid` (RFC 2606). */
const UNKNOWN_ADDRESS = 'http://unset.invalid'

export function compileProviders(value: Json | undefined, context: Context): ReadonlyMap<string, ProviderEntry> {
  const entries = new Map<string, ProviderEntry>()
  if (!isObject(value)) return entries
  const names = Object.keys(value)
  if (names.length === 0)
    context.report.error({ path: ['providers'], message: '`providers` is empty', mend: 'write at least one' })
  for (const name of names) {
    const file = salvage(providerSchema, value[name])
    const entry = file === undefined ? undefined : compileProvider(name, file, context)
    if (entry !== undefined) entries.set(name, entry)
  }
  return entries
}

function compileProvider(name: string, file: ProviderFile, context: Context): ProviderEntry | undefined {
  const { report, options } = context
  const path = ['providers', name]
  if (name === '' || name.includes('/')) {
    const mend = 'rename it: in `provider/model` the first `/` ends the provider'
    report.error({ path, message: `\`${name}\` cannot name a provider`, mend, at: 'key' })
  }
  const adapter = adapterOf(name, file, context)
  if (adapter === undefined) return undefined
  const { hasBinding } = options
  const settings = settingsOf(adapter, file, { report, path, ...(hasBinding && { hasBinding }) })
  const address = addressOf(adapter, file, { context, path, settings })
  const host: Host = address
  const accounts = accountsOf(adapter, file, { context, path, settings, baseUrls: address.baseUrls })
  checkModels(adapter, file, { context, path })
  const egress = egressOf(adapter, file, { context, path })
  const provider = { name, adapter, accounts, egress, source: report.place(path) }
  const vendor = options.catalog.vendorOfHost(address.hostname)
  checkRouter(adapter, vendor, { context, path })
  const facts = { declared: declaredFacts(file, host), defaults: hostFacts(adapter, host, options.catalog) }
  const own = isOwnHost(adapter, host, options.catalog)
  const entry = { provider, file, hostname: address.hostname, own, ...facts }
  return vendor === undefined ? entry : { ...entry, vendor }
}

/** A host that sends requests on is kept within the rules by its own type alone, which knows by what a caller could steer it (law 1). */
function checkRouter(adapter: Adapter, vendor: string | undefined, { context: { report, options }, path }: At): void {
  const own = vendor === undefined ? undefined : options.adapters.get(vendor)
  if (own === undefined || !own.aggregator || adapter.aggregator) return
  const message = `this is ${own.title}'s host, which sends requests on: \`${adapter.type}\` would let callers choose who answers`
  report.error({ path: [...path, 'baseUrl'], message, mend: `write \`type: ${own.type}\`` })
}

interface At {
  readonly context: Context
  readonly path: Path
}

function adapterOf(name: string, file: ProviderFile, { report, options }: Context): Adapter | undefined {
  const adapter = options.adapters.get(file.type ?? name)
  if (adapter !== undefined) return adapter
  const types = [...options.adapters.keys()]
  const mend = `known types: ${types.map((type) => `\`${type}\``).join(', ')}`
  const written = file.type !== undefined
  const path = written ? ['providers', name, 'type'] : ['providers', name]
  const shown = written ? report.shown(path) : `\`${name}\``
  const untyped = written ? '' : ', and it has no `type`'
  const message = `${shown} is no known type of provider${didYouMean(shown.slice(1, -1), types)}${untyped}`
  report.error(written ? { path, message, mend } : { path, message, mend, at: 'key' })
  return undefined
}

/** `baseUrls`: one for each account. */
type Address = Host & { readonly baseUrls: readonly string[] }

type AtAccounts = At & { readonly settings: readonly AccountSettings[] }

function addressOf(adapter: Adapter, file: ProviderFile, at: AtAccounts): Address {
  const { report } = at.context
  const chosen = file.baseUrl === undefined ? regionOf(adapter, file, at) : undefined
  const path = [...at.path, 'baseUrl']
  const nothing = { baseUrls: at.settings.map(() => UNKNOWN_ADDRESS), hostname: 'unset.invalid', kind: 'name' } as const
  const template = chosen?.baseUrl ?? adapter.baseUrl
  if (file.baseUrl === undefined && template === undefined) {
    report.error({
      path,
      message: `\`${adapter.type}\` needs a \`baseUrl\``,
      mend: 'write where it answers: `baseUrl: https://…`',
    })
    return nothing
  }
  const texts =
    file.baseUrl === undefined ? fillAddresses(template ?? '', at.settings, { report, path: at.path }) : [file.baseUrl]
  const checked = texts?.map((text): CheckedUrl => checkBaseUrl(text, file.local === true || adapter.local))
  const wrong = checked?.find((one) => !one.ok)
  if (wrong !== undefined) report.error({ path, message: wrong.message, mend: wrong.mend })
  const good = checked?.filter((one) => one.ok) ?? []
  const [first] = good
  if (first === undefined || wrong !== undefined) return nothing
  const { hostname, kind } = first
  checkOneHost(
    good.map((one) => one.hostname),
    at,
  )
  const baseUrls = at.settings.map((_, index) => (good[index] ?? first).baseUrl)
  return chosen?.facts === undefined ? { baseUrls, hostname, kind } : { baseUrls, hostname, kind, chosen: chosen.facts }
}

/** What is known of a provider's host is known of all its accounts. */
function checkOneHost(hostnames: readonly string[], { context: { report }, path }: At): void {
  const other = hostnames.findIndex((hostname) => hostname !== hostnames[0])
  if (other === -1) return
  const message = 'the settings of this account lead to another host than those of the first'
  const mend = 'make it a provider of its own: what the rules know of a host must hold for all its accounts'
  report.error({ path: [...path, 'accounts', other, 'settings'], message, mend, at: 'key' })
}

/** The vendor's host in the region that the file asks for. */
function regionOf(adapter: Adapter, file: ProviderFile, { context: { report }, path }: At) {
  const wanted = file.region?.toLowerCase()
  if (wanted === undefined || adapter.regions === undefined) return undefined
  const found = Object.entries(adapter.regions).find(([name]) => name.toLowerCase() === wanted)
  if (found !== undefined) return found[1]
  if (wanted === adapter.facts.region?.toLowerCase()) return undefined
  const has = Object.keys(adapter.regions)
    .map((name) => `\`${name}\``)
    .join(', ')
  const at = [...path, 'region']
  const message = `${adapter.title} has no host for region ${report.shown(at)}`
  const usual = adapter.baseUrl === undefined ? '' : `, of its usual one by \`baseUrl: ${adapter.baseUrl}\``
  report.error({
    path: at,
    message,
    mend: `it has ${has}; of another address say the region beside \`baseUrl\`${usual}`,
  })
  return undefined
}

function accountsOf(
  adapter: Adapter,
  file: ProviderFile,
  at: AtAccounts & { readonly baseUrls: readonly string[] },
): readonly Account[] {
  const { report } = at.context
  const base = (id: string, index: number, headers: Account['headers']): Account => {
    const { values, secrets } = at.settings[index] ?? { values: {}, secrets: [] }
    return {
      id,
      baseUrl: at.baseUrls[index] ?? UNKNOWN_ADDRESS,
      headers,
      ...(Object.keys(values).length > 0 && { settings: values }),
      ...(secrets.length > 0 && { secrets }),
    }
  }
  const shared = checkHeaders(file.headers, [...at.path, 'headers'], report)
  if (file.accounts === undefined) {
    return [withKey(base('default', 0, shared), keyOf(adapter, file.apiKey, at))]
  }
  if (file.apiKey !== undefined) {
    const message = '`apiKey` and `accounts` do not go together'
    report.error({ path: [...at.path, 'apiKey'], message, mend: 'make it one of the `accounts`', at: 'key' })
  }
  const ids = new Set<string>()
  return file.accounts.map((written, index) => {
    const path = [...at.path, 'accounts', index]
    const id = written.id ?? String(index + 1)
    if (ids.has(id))
      report.error({
        path: [...path, 'id'],
        message: 'two accounts of one provider have this `id`',
        mend: 'rename one',
      })
    ids.add(id)
    const headers = { ...shared, ...checkHeaders(written.headers, [...path, 'headers'], report) }
    return withKey(base(id, index, headers), keyOf(adapter, written.apiKey, { context: at.context, path }))
  })
}

function withKey(account: Account, apiKey: string | undefined): Account {
  return apiKey === undefined ? account : { ...account, apiKey }
}

/** The credential, or undefined for none: an empty one is none. */
function keyOf(adapter: Adapter, apiKey: string | undefined, { context: { report }, path }: At): string | undefined {
  const at = [...path, 'apiKey']
  if (apiKey === undefined || apiKey === '') {
    if (adapter.credential === 'required') {
      const message =
        apiKey === undefined
          ? `\`apiKey\` is missing: ${adapter.title} needs one`
          : `\`apiKey\` is empty: ${adapter.title} needs one`
      report.error({ path: at, message, mend: 'write `apiKey: "${NAME}"` and set NAME in the environment' })
    }
    return undefined
  }
  if (adapter.credential === 'none') {
    report.error({ path: at, message: `${adapter.title} takes no \`apiKey\``, mend: 'remove it', at: 'key' })
  }
  if (isShellVariable(apiKey)) {
    const message = '`apiKey` begins with `$`, and is sent as it is'
    report.warning({ path: at, message, mend: 'a variable is written `${NAME}`' })
  }
  if (!isHeaderText(apiKey)) {
    report.error({
      path: at,
      message: '`apiKey` holds a character that no header may carry',
      mend: 'look for a line break inside it',
    })
  }
  return apiKey
}

/** `$NAME` as a shell writes it. */
function isShellVariable(value: string): boolean {
  const name = value.slice(1)
  return value.startsWith('$') && name !== '' && Array.from(name).every((char) => char === '_' || isUpperOrDigit(char))
}

function isUpperOrDigit(char: string): boolean {
  return (char >= 'A' && char <= 'Z') || (char >= '0' && char <= '9')
}

function isHeaderText(value: string): boolean {
  for (const char of value) if (char <= ' ' || char > '~') return false
  return true
}

function checkModels(adapter: Adapter, file: ProviderFile, { context: { report }, path }: At): void {
  for (const [model, facts] of Object.entries(file.models ?? {})) {
    if (facts.operator !== undefined && (!adapter.aggregator || adapter.routes?.tell)) {
      const what = 'what sends requests on and cannot be told whom to ask'
      const message = `\`operator\` under a model is for ${what}: ${adapter.title} is no such thing`
      const mend = 'write it beside `models`: who runs the host'
      report.error({ path: [...path, 'models', model, 'operator'], message, mend, at: 'key' })
    }
    if (!adapter.modelsMustBeDeclared || facts.developer !== undefined) continue
    const message = `\`developer\` is missing: on ${adapter.title} the name \`${model}\` does not say which model it is`
    report.error({
      path: [...path, 'models', model, 'developer'],
      message,
      mend: 'declare the facts of the model that is deployed there',
    })
  }
}

function egressOf(adapter: Adapter, file: ProviderFile, { context: { report }, path }: At): Egress {
  const proxy = nonEmpty(file.proxy)
  if (proxy !== undefined && !isProxy(proxy)) {
    report.error({
      path: [...path, 'proxy'],
      message: '`proxy` is not the URL of an HTTP proxy',
      mend: 'write one like `http://proxy:3128`',
    })
  }
  const ca = nonEmpty(file.ca)
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    const mend = 'write the PEM text itself, or `${file:/path/to/ca.pem}`'
    report.error({ path: [...path, 'ca'], message: '`ca` holds no PEM certificate', mend })
  }
  const noProxy = nonEmpty(file.noProxy)
  return {
    local: file.local === true || adapter.local,
    ...(proxy === undefined ? {} : { proxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
    ...(ca === undefined ? {} : { ca }),
    connectTimeoutMs: DEFAULT_TIMEOUTS.connect,
  }
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}

function isProxy(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)
}
