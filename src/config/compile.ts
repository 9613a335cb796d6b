import { isObject, type Json, type JsonObject } from '#src/core/json.ts'
import { DEFAULT_ON_FAILURE, type OnFailure } from '#src/core/sharing.ts'
import type { Access, ServerSettings, Snapshot, Timeouts } from '#src/core/snapshot.ts'
import { hostKind } from './address.ts'
import { alertsOf } from './compile-alerts.ts'
import { checkCurrencies } from './check-currencies.ts'
import { checkGuards } from './check-guards.ts'
import { checkSelectors } from './check-selectors.ts'
import { createCalled } from './called.ts'
import { adminDigest, compileKeys, type Keys } from './compile-keys.ts'
import { compileSharing } from './compile-sharing.ts'
import { compilePolicies } from './compile-policies.ts'
import { subjectsIn } from './check-subjects.ts'
import { compileProviders } from './compile-providers.ts'
import { compileRoutes } from './compile-routes.ts'
import { compileState, type StateSettings } from './compile-state.ts'
import { createTargets } from './compile-targets.ts'
import { type Context, isList, salvage } from './context.ts'
import * as defaults from './defaults.ts'
import { deniable } from './denied.ts'
import { epochOf } from './epoch.ts'
import { informable } from './inform.ts'
import { readKey } from './made-key.ts'
import { reportRetirements } from './retirement.ts'
import { settingsSchema, type SettingsFile } from './schema.ts'

/** What a composition root needs of the file beside the snapshot. */
export interface Settings {
  readonly state: StateSettings
  readonly logs: 'json' | 'off'
}

export interface CompileInput {
  /** The file's value with references as text, and with references replaced. */
  readonly raw: Json
  readonly value: Json
  readonly context: Context
  /** What the command line says instead of the file. */
  readonly server?: { readonly host?: string; readonly port?: number }
}

/** The file as what an epoch means. Every fault is reported; where one is an error the result is not to be used. */
export async function compileFile({
  raw,
  value,
  context,
  server,
}: CompileInput): Promise<{ snapshot: Snapshot; settings: Settings }> {
  const parts: Readonly<Record<string, Json | undefined>> = isObject(value) ? value : {}
  const file = salvage(settingsSchema, settingsOf(parts)) ?? {}
  const timeouts: Timeouts = {
    ...defaults.DEFAULT_TIMEOUTS,
    ...(file.heartbeat === undefined ? {} : { heartbeat: file.heartbeat }),
  }
  const entries = compileProviders(parts.providers, context)
  checkCurrencies(entries, file.currencies, context)
  const targets = createTargets(entries, context, file.currencies)
  const providerNames = namesIn(parts.providers)
  const routes = compileRoutes({
    value: parts.models,
    context,
    entries,
    providerNames,
    timeouts,
    targetOf: targets.written,
  })
  for (const entry of entries.values())
    for (const model of Object.keys(entry.file.models ?? {})) targets.written(entry, model)
  const names = { routes: new Set(namesIn(parts.models)), providers: new Set(providerNames) }
  const keys = compileKeys(parts.keys, context, names)
  const subjects = subjectsIn(parts.keys)
  const rules = compilePolicies(parts.policies, subjects, context)
  const shared = compileSharing(parts, { subjects, providers: names.providers }, context)
  const alerts = alertsOf(file.alerts, context)
  checkSelectors(parts.policies, { entries, targets: targets.all }, context)
  checkGuards(parts.policies, { ...names, direct: file.direct ?? true }, context)
  const serverSettings = serverOf(file, server)
  const access = accessOf(parts, { file, keys, host: serverSettings.host, context })
  const admin = adminDigest(parts.admin, keys.byDigest, context)
  reportRetirements(routes, targets.all, context)
  const compiled: Omit<Snapshot, 'inform' | 'readDenial' | 'deny'> = {
    epoch: await epochOf(
      raw,
      `${context.options.catalog.version}${presetsIn(parts.policies, context)}`,
      context.options.hash,
    ),
    access,
    ...(admin === undefined ? {} : { adminDigest: admin }),
    metricsOpen: file.metrics?.auth === 'none',
    keysById: keys.byId,
    providers: new Map([...entries].map(([name, entry]) => [name, entry.provider])),
    routes,
    targets: targets.all,
    direct: file.direct ?? true,
    rules,
    shared: { ...shared, onFailure: onFailureOf(file), ...(alerts && { alerts }) },
    ...(file.retention !== undefined && { retention: file.retention }),
    keepRepeats: Math.min(file.idempotency?.keep ?? defaults.DEFAULT_KEEP_REPEATS, file.retention ?? Infinity),
    defaults: { timeouts, attempts: defaults.DEFAULT_ATTEMPTS },
    targetOf: targets.targetOf,
    servedOf: targets.servedOf,
    relayedBy: targets.relayedBy,
    readKey,
    calledAt: createCalled(entries, context.options.catalog),
    server: serverSettings,
  }
  const { options } = context
  const snapshot = deniable((own) => informable({ ...compiled, ...own }, options.catalog), options)
  return { snapshot, settings: { state: compileState(file, context), logs: file.telemetry?.logs ?? 'json' } }
}

/** What the presets of the file say: another text of one is another configuration. */
function presetsIn(policies: Json | undefined, { options: { presets } }: Context): string {
  const used = (isList(policies) ? policies : []).flatMap((item) => (isObject(item) ? (item['preset'] ?? []) : []))
  const names = [...new Set(used)].filter((name) => typeof name === 'string').toSorted()
  return names.map((name) => `\n${name} ${JSON.stringify(presets?.get(name) ?? [])}`).join('')
}

const COLLECTIONS = new Set(['providers', 'models', 'policies', 'budgets', 'limits', 'keys'])

/** The file without its collections. */
function settingsOf(parts: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(parts).filter(([name]) => !COLLECTIONS.has(name)))
}

function namesIn(value: Json | undefined): readonly string[] {
  return isObject(value) ? Object.keys(value) : []
}

function serverOf(file: SettingsFile, over: CompileInput['server']): ServerSettings {
  return {
    host: over?.host ?? file.server?.host ?? defaults.DEFAULT_HOST,
    port: over?.port ?? file.server?.port ?? defaults.DEFAULT_PORT,
    bodyLimit: file.server?.bodyLimit ?? defaults.DEFAULT_BODY_LIMIT,
    drain: file.server?.drain ?? defaults.DEFAULT_DRAIN,
  }
}

function onFailureOf({ state }: SettingsFile): OnFailure {
  const { budgets, limits } = { ...state?.onFailure }
  return { budgets: budgets ?? DEFAULT_ON_FAILURE.budgets, limits: limits ?? DEFAULT_ON_FAILURE.limits }
}

interface AccessInput {
  readonly file: SettingsFile
  readonly keys: Keys
  readonly host: string
  readonly context: Context
}

/** Who may come in (INTERFACE.md section 2): without keys only this machine, unless the operator wrote `auth: none`. */
function accessOf(
  parts: Readonly<Record<string, Json | undefined>>,
  { file, keys, host, context: { report } }: AccessInput,
): Access {
  const hasKeys = Object.hasOwn(parts, 'keys')
  if (hasKeys && file.auth === 'none') {
    const mend = 'remove one of them'
    report.error({ path: ['auth'], message: '`auth: none` and `keys` contradict each other', mend, at: 'key' })
  }
  if (hasKeys) {
    if (isList(parts.keys) && parts.keys.length === 0) {
      report.warning({
        path: ['keys'],
        message: '`keys` is empty: only keys that are made while it runs come in',
        mend: 'make a key with `tutti keys new`',
      })
    }
    return { mode: 'keys', byDigest: keys.byDigest }
  }
  if (file.auth === 'none') return { mode: 'none' }
  if (Object.hasOwn(parts, 'admin')) {
    const message = '`admin` without `keys`: whoever may not administer could still spend'
    report.error({ path: ['admin'], message, mend: 'write `keys`, or remove `admin`', at: 'key' })
  }
  if (hostKind(host) !== 'loopback') {
    const message = 'a host other than this machine needs `keys`'
    report.error({
      path: ['server', 'host'],
      message,
      mend: 'write `keys`, or `host: 127.0.0.1`, or `auth: none` at the top level',
    })
  }
  return { mode: 'open' }
}
