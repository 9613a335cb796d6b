import { createUsageReport, GROUPINGS, type Grouping } from '#src/pipeline/usage-report.ts'
import { readLedger } from '#src/pipeline/read-ledger.ts'
import { badRequest, type FailureError } from '#src/core/failure.ts'
import { beginOf, endOf } from '#src/core/moment.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import type { Channel } from './channel.ts'
import { requireAdmin, sendJson } from './operations.ts'

const DAY = 86_400_000
const PARAMETERS = ['by', 'from', 'to']
/** Days that are reported unless it is said. */
const USUAL_DAYS = 30

/** `GET /-/usage?by=key,model&from=2026-11-01&to=2026-11-30`: what was paid for, added up from the ledger. Days are those of UTC. */
export async function usageRoute(
  gateway: Gateway,
  channel: Channel,
  { query }: { readonly query: ReadonlyMap<string, string> },
): Promise<void> {
  await requireAdmin(gateway, channel)
  const unknown = [...query.keys()].find((name) => !PARAMETERS.includes(name))
  if (unknown !== undefined)
    throw badRequest(`\`${unknown}\` is no parameter here: there are \`${PARAMETERS.join('`, `')}\``, unknown)
  const { clock, store } = gateway.ports
  const now = clock.now()
  const from = timeOf(query, 'from', beginOf) ?? now - USUAL_DAYS * DAY
  const to = timeOf(query, 'to', endOf) ?? now + 1
  if (query.has('to') && to <= from) throw bad('to', 'later than `from`')
  const by = groupingsOf(query.get('by') ?? 'key,model')
  const usage = createUsageReport(by)
  for await (const row of readLedger(store, { from, to })) usage.add(row)
  const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  sendJson(gateway, channel, { ...span, by, durable: store.durable, ...usage.report() })
}

function groupingsOf(text: string): readonly Grouping[] {
  const names = text.split(',').filter((name) => name !== '')
  const known = names.filter((name): name is Grouping => GROUPINGS.some((one) => one === name))
  if (known.length === names.length) return known
  throw bad('by', `a list of ${GROUPINGS.join(', ')}`)
}

function timeOf(
  query: ReadonlyMap<string, string>,
  name: string,
  read: (text: string) => number | undefined,
): number | undefined {
  const text = query.get(name)
  if (text === undefined) return undefined
  const time = read(text)
  if (time === undefined) throw bad(name, 'a day, `2026-11-26`, or an instant, `2026-11-26T09:00:00Z`')
  return time
}

function bad(name: string, expected: string): FailureError {
  return badRequest(`\`${name}\` must be ${expected}`, name)
}
