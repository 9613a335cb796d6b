import { expect, test } from 'vitest'
import { createMemoryLedger, MOST_ROWS } from './memory-ledger.ts'

const settlement = { shard: 's', lines: [], bill: 1n, notAfter: Infinity }
const AT_ONCE = 1000

test('the oldest rows make room, wherever rows were forgotten before', () => {
  const ledger = createMemoryLedger()
  const extra = 100
  /** Left open, so that it stays where those around it are forgotten. */
  const open = 3
  for (let at = 1; at <= 10; at++)
    ledger.write({
      ...settlement,
      id: String(at),
      now: at,
      ...(at === open && { elsewhere: [{ shard: 't', lines: [] }] }),
    })
  expect(ledger.trim(8, AT_ONCE)).toBe(6)
  // With the four that are left, one short of full.
  for (let at = 11; at <= MOST_ROWS + 5; at++) ledger.write({ ...settlement, id: String(at), now: at })
  expect(
    ledger
      .ledger({ most: AT_ONCE })
      .rows.slice(0, 5)
      .map(({ id }) => id),
  ).toEqual(['3', '8', '9', '10', '11'])
  for (let more = 1; more <= extra; more++)
    ledger.write({ ...settlement, id: String(MOST_ROWS + 5 + more), now: MOST_ROWS + 5 + more })

  const kept: string[] = []
  for (let cursor: string | undefined, page; page === undefined || cursor !== undefined; cursor = page.cursor) {
    page = ledger.ledger({ most: AT_ONCE, ...(cursor !== undefined && { cursor }) })
    kept.push(...page.rows.map(({ id }) => id))
  }
  expect(kept).toEqual(Array.from({ length: MOST_ROWS }, (_, nth) => String(nth + 106)))
  expect(ledger.open({ most: AT_ONCE })).toEqual([])
  expect(ledger.forgotten()).toBe(106)
})
