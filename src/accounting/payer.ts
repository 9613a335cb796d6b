import type { Key } from '#src/core/key.ts'
import { periodOf } from '#src/core/period.ts'
import type { Covering, Each, Shared } from '#src/core/sharing.ts'
import type { Budget, Gate, Line } from '#src/core/state-store.ts'

/** What a caller's requests have to fit, and where it is kept. */
export interface Own extends Partial<Pick<Covering, 'each' | 'models' | 'providers'>> {
  readonly shard: string
  /** Of the file; absent: the key's own. */
  readonly name?: string
}
export interface Paying extends Budget, Own {
  readonly timeZone?: string | undefined
  readonly alerts?: readonly number[]
}
export interface Gated extends Gate, Own {}

/** Who pays for a request, and through which gates it comes in. */
export interface Payer {
  readonly shard: string
  readonly budgets: readonly Paying[]
  /** Those that a request passes. */
  readonly gates: readonly Gated[]
  /** Those that an attempt passes: of a provider. */
  readonly upstreamGates: readonly Gated[]
}

/** What lies in one shard, for one step. */
export interface Share<Of extends Own> {
  readonly shard: string
  readonly of: readonly Of[]
}

/** A caller's own budget and limits, and the shared ones that cover it. Cheap enough to be asked for each request once it has been. */
export function payerOf(shared: Shared, key: Key | undefined): Payer {
  let known = payers.get(shared)
  if (!known) payers.set(shared, (known = new WeakMap()))
  const of = key ?? NOBODY
  let payer = known.get(of)
  if (!payer) known.set(of, (payer = makePayer(shared, key)))
  return payer
}

/** A reload compiles new ones, and the key of a request that a guard asks is made for it. */
const payers = new WeakMap<Shared, WeakMap<object, Payer>>()
const NOBODY = {}

/** A key that another one made has its own budget and limits inside all that the other has to fit, in one shard with it. */
function makePayer(shared: Shared, key: Key | undefined): Payer {
  const above = key?.mintedBy && payerOf(shared, key.mintedBy)
  const own = key && `key/${key.id}`
  const shard = above?.shard ?? (key?.tenant === undefined ? (own ?? 'open') : `tenant/${key.tenant}`)
  const ofCaller = <Of extends Covering>(all: readonly Of[], kind: string) =>
    all.flatMap((one) => {
      const account = one.covers(key) ? accountOf(one, kind, key) : undefined
      return account === undefined ? [] : [{ ...one, account, shard: one.within ? shard : account }]
    })
  const gates = ofCaller(shared.limits, 'limits').map(({ account, ...one }): Gated => ({ ...one, gate: account }))
  return {
    shard,
    budgets: [
      ...(own !== undefined && key?.budget ? [{ account: own, shard, ...key.budget }] : []),
      ...(above?.budgets ?? ofCaller(shared.budgets, 'budget')),
    ],
    gates: [
      ...(own !== undefined && key?.limits ? [{ gate: own, shard, limits: key.limits }] : []),
      ...(above?.gates ?? gates.filter(({ providers }) => !providers)),
    ],
    upstreamGates: above?.upstreamGates ?? gates.filter(({ providers }) => providers),
  }
}

/** Names and what is theirs are the operator's own: both are written so that no two can meet. */
function accountOf({ name, each }: Covering, kind: string, key: Key | undefined): string | undefined {
  const account = `${kind}/${escaped(name)}`
  if (each === undefined) return account
  const whose = key && OF[each](key)
  return whose === undefined ? undefined : `${account}/${escaped(whose)}`
}

/** Half a pair of surrogates, which JSON may hold, cannot be escaped. */
function escaped(name: string): string {
  return encodeURIComponent(name.toWellFormed())
}

const OF = {
  tenant: ({ tenant }) => tenant,
  team: ({ team }) => team,
  user: ({ user }) => user,
  key: ({ id }) => id,
} as const satisfies Readonly<Record<Each, (key: Key) => string | undefined>>

/** What is asked for by which name and, of an attempt, whom it goes to. */
export interface Spending {
  readonly model: string
  readonly target?: { readonly id: string; readonly provider: { readonly name: string } }
}

/** Those of them that it has to fit: what is of a model counts what is asked for by that name and what goes to that target. */
export function covering<Of extends Own>(all: readonly Of[], { model, target }: Spending): readonly Of[] {
  return all.filter(
    ({ models, providers }) =>
      (!models || models(model) || (target !== undefined && models(target.id))) &&
      (!providers || (target !== undefined && providers.has(target.provider.name))),
  )
}

/** One step a shard: first that of the caller's own tree. */
export function sharesOf<Of extends Own>({ shard: first }: Payer, all: readonly Of[]): readonly Share<Of>[] {
  const [one] = all
  if (!one) return []
  // Most have no others.
  if (all.every(({ shard }) => shard === one.shard)) return [{ shard: one.shard, of: all }]
  const shards = new Map<string, Of[]>([[first, []]])
  for (const own of all) {
    const share = shards.get(own.shard)
    if (share) share.push(own)
    else shards.set(own.shard, [own])
  }
  return [...shards].flatMap(([shard, of]) => (of.length > 0 ? [{ shard, of }] : []))
}

export function shardsOf(shares: readonly Share<Own>[]): readonly string[] {
  return shares.map(({ shard }) => shard)
}

/** Budgets in their periods at a moment, in ms since 1970. */
export function linesAt(
  budgets: readonly (Budget & { readonly timeZone?: string | undefined })[],
  now: number,
): readonly Line[] {
  return budgets.map(({ account, limit, per, timeZone }) => ({
    account,
    limit,
    per,
    ends: periodOf(per, now, timeZone).end,
  }))
}
