/**
 * Golden bills: what vendors answered, or would, with the bill worked out beside it and not by this code. A line of bills/*.jsonl holds the usage as it
 * comes over the wire (of recorded answers nothing else), the price as a file writes it, where its figures are from, and the sum.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { billOf } from '#src/accounting/bill.ts'
import type { Adapter } from '#src/core/adapter.ts'
import { ENDPOINTS, type Endpoint } from '#src/core/endpoint.ts'
import { arrayAt, isObject, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import { formatUsd } from '#src/core/money.ts'
import type { Price, Rates } from '#src/core/price.ts'
import type { Signals } from '#src/core/request.ts'
import type { Usage } from '#src/core/usage.ts'
import { advance, START } from '#src/pipeline/progress.ts'
import { adapters } from '#providers/registry.ts'
import { compile } from '../support/gateway.ts'

const HERE = join(import.meta.dirname, 'bills')
const cases = readdirSync(HERE).flatMap((file) => linesOf(readFileSync(join(HERE, file), 'utf8')))
const prices = Object.fromEntries(
  cases.flatMap((line) => (line['price'] ? [[nameOf(line), { price: line['price'] }]] : [])),
)
const { targets } = await compile({
  version: 1,
  providers: { any: { type: 'openai-compatible', baseUrl: 'https://models.example/v1', models: prices } },
  currencies: { KRW: { rate: 1450, asOf: '2026-11-26' }, CNY: { rate: '7.1', asOf: '2026-11-26' } },
})

test('there are enough of them, no two of one name', () => {
  expect(cases.length).toBeGreaterThan(300)
  expect(new Set(cases.map(nameOf)).size).toBe(cases.length)
})

/** A case's bill, and what it is made of. */
function billed(line: JsonObject) {
  const price = targets.get(`any/${nameOf(line)}`)?.facts.price
  const [region, tier] = [stringAt(line, 'region'), stringAt(line, 'asked')]
  const at = Date.parse(stringAt(line, 'at') ?? '2026-11-26T00:00:00Z')
  const facts = region === undefined ? {} : { region }
  const signals = { ...NOTHING, ...(tier !== undefined && { serviceTier: tier }) }
  const usage = usageOf(line)
  const asked = { signals, facts, at, usage }
  return { price, usage, asked, bill: billOf({ ...asked, price }) }
}

test.each(cases.map((line) => [nameOf(line), line] as const))('%s', (_, line) => {
  const { cost, estimated, reported } = billed(line).bill
  const from = reported ? 'upstream' : estimated ? 'estimate' : 'usage'
  expect({ usd: cost === 'unknown' ? cost : formatUsd(cost), from }).toEqual({ usd: line['usd'], from: line['basis'] })
})

test('what caches saved is what the row without its rates for caches would have cost more', () => {
  let seen = 0
  for (const line of cases) {
    const { price, usage, bill, asked } = billed(line)
    // A cached sound or image without a rate of its own is charged as text, and without a cache it would be none.
    if (!price || bill.reported || usage?.audioInput !== undefined || usage?.imageInput !== undefined) continue
    const { cost } = billOf({ ...asked, price: withoutCaches(price) })
    if (bill.saved === undefined) expect(cost, nameOf(line)).toBe(bill.cost)
    else if (cost !== 'unknown' && bill.cost !== 'unknown') {
      seen++
      expect(bill.saved, nameOf(line)).toBe(cost - bill.cost)
    }
  }
  expect(seen).toBeGreaterThan(50)
})

function withoutCaches(price: Price): Price {
  const plain = <Row extends Rates>(row: Row) => {
    const { cachedInput: _read, cacheWrite: _written, cacheWriteLong: _long, ...rest } = row
    return rest
  }
  const { tiers = [], windows = [], ...row } = price
  return {
    ...plain(row),
    tiers: tiers.map(plain),
    windows: windows.map((window) => ('rates' in window ? { ...window, rates: plain(window.rates) } : window)),
  }
}

const NOTHING: Signals = { inputTokens: 0, inputTokensWorst: 0, unmeasured: 0, choices: 1, needs: [] }

/** As the pipeline hears it: event by event, or of a whole answer that only a codec reads. */
function usageOf(line: JsonObject): Usage | undefined {
  const adapter = adapters.get(stringAt(line, 'type') ?? '')
  if (!adapter) throw new RangeError(`${nameOf(line)} is of no known type`)
  const events = (arrayAt(line, 'events') ?? []).filter(isObject)
  return line['endpoint'] === 'codec' ? decoded(adapter, events) : observed(adapter, line, events)
}

function observed(adapter: Adapter, line: JsonObject, events: readonly JsonObject[]): Usage | undefined {
  const endpoint = endpointOf(line)
  const seen = events.map((event) => adapter.observe(event, { endpoint, stream: line['stream'] === true }))
  return seen.reduce(advance, START).usage
}

function decoded({ codecs = [] }: Adapter, [answer = {}]: readonly JsonObject[]): Usage | undefined {
  const [codec] = codecs
  return codec?.decode(answer, 'x').answer?.usage
}

function endpointOf(line: JsonObject): Endpoint {
  const name = line['endpoint']
  const all = Object.keys(ENDPOINTS).filter((one): one is Endpoint => one in ENDPOINTS)
  const endpoint = all.find((one) => one === name)
  if (!endpoint) throw new RangeError(`${nameOf(line)} has no endpoint`)
  return endpoint
}

function nameOf(line: JsonObject): string {
  return stringAt(line, 'name') ?? ''
}

function linesOf(text: string): readonly JsonObject[] {
  return text
    .trim()
    .split('\n')
    .map((line) => parseJson(line) ?? null)
    .filter((line) => isObject(line))
}
