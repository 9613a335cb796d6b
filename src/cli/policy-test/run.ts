import type { PolicyCase } from '#src/config/read-cases.ts'
import { FailureError } from '#src/core/failure.ts'
import { instantOf } from '#src/core/moment.ts'
import type { Client } from '#src/core/request.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { endpointOf, explainRequest } from '#src/pipeline/explain.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import { gatewayAt } from '../gateway-at.ts'
import { judgeCase, touchedBy, type Came, type Miss } from './judge.ts'

/** A case that has run: it passed where it has no misses. */
export interface Ran {
  readonly file: string
  readonly tested: PolicyCase
  readonly came: Came
  readonly misses: readonly Miss[]
}

export interface Coverage {
  readonly rules: readonly { readonly name: string; readonly source: string; readonly touched: boolean }[]
  /** Whole percent, rounded down; without rules 100. */
  readonly percent: number
}

/** Asks for the decision of a case and judges it. */
export async function runCase(gateway: Gateway, file: string, tested: PolicyCase): Promise<Ran> {
  const now = instantOf(tested.time ?? '')
  const came = await ask(now === undefined ? gateway : gatewayAt(gateway, now), tested)
  return { file, tested, came, misses: judgeCase(tested.expect, came) }
}

async function ask(gateway: Gateway, tested: PolicyCase): Promise<Came> {
  const { endpoint, request, tags = [], metadata = {}, client } = tested
  const key = tested.key === undefined ? undefined : gateway.snapshot.keysById.get(tested.key)
  try {
    return await explainRequest(gateway, {
      endpoint: endpointOf(endpoint),
      path: endpoint,
      text: JSON.stringify(request),
      // A draw must fall alike in every run.
      seed: tested.seed ?? tested.name,
      tags,
      metadata,
      ...(client && { client: placeOf(client) }),
      ...(key && { key }),
    })
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    return { plan: [], failure: error.failure }
  }
}

function placeOf({ ip, country }: NonNullable<PolicyCase['client']>): Client {
  return { ...(ip !== undefined && { ip }), ...(country !== undefined && { country }) }
}

/** Which rules say something of a candidate of some case. Rules about answers cannot: no case has one. */
export function coverageOf({ rules }: Snapshot, ran: readonly Ran[]): Coverage {
  const touched = new Set(ran.flatMap(({ came }) => touchedBy(came)))
  const list = rules
    .filter(({ verify }) => !verify)
    .map(({ name, source }) => ({ name, source, touched: touched.has(name) }))
  const count = list.filter((rule) => rule.touched).length
  return { rules: list, percent: list.length === 0 ? 100 : Math.floor((count * 100) / list.length) }
}
