// What of 20,000 sentences is found, and what is found in those that hold nothing: the figures of docs/personal-data.md.
import { expect, test } from 'vitest'
import { findPii } from '#src/core/pii/find.ts'
import { PII_TYPES } from '#src/core/pii/types.ts'
import { sentences } from '../support/pii-sentences.ts'

const COUNT = 20_000
const SEED = 'personal data'
const LEAST_RECALL = 0.98
const MOST_FALSE = 0.005

interface Score {
  planted: number
  found: number
  falsely: number
  beside: number
}

function measure(): {
  readonly scores: Map<string, Score>
  readonly clean: number
  readonly missed: readonly string[]
  readonly wrong: readonly string[]
} {
  const scores = new Map<string, Score>(
    PII_TYPES.map((type) => [type, { planted: 0, found: 0, falsely: 0, beside: 0 }]),
  )
  const score = (type: string): Score => scores.get(type) ?? { planted: 0, found: 0, falsely: 0, beside: 0 }
  const [missed, wrong]: [string[], string[]] = [[], []]
  let clean = 0
  for (const { text, planted } of sentences(COUNT, SEED)) {
    const found = findPii(text)
    if (planted.length === 0) clean++
    for (const { type, start, end } of found) {
      if (planted.some((item) => start < item.end && end > item.start)) continue
      if (planted.length === 0) score(type).falsely++
      else score(type).beside++
      wrong.push(`${type}: ${text.slice(start, end)} in ${text}`)
    }
    for (const item of planted) {
      const own = score(item.type)
      own.planted++
      if (found.some(({ type, start, end }) => type === item.type && start <= item.start && end >= item.end))
        own.found++
      else missed.push(`${item.type} ${item.form}: ${JSON.stringify(text)} ${JSON.stringify(found)}`)
    }
  }
  return { scores, clean, missed, wrong }
}

const { scores, clean, missed, wrong } = measure()

test('the figures', () => {
  const rows = [...scores].map(
    ([type, { planted, found, falsely, beside }]) =>
      `${type.padEnd(18)} ${String(found).padStart(5)}/${String(planted).padEnd(5)} ${((100 * found) / planted).toFixed(2).padStart(6)} %   ${String(falsely).padStart(3)} of ${clean}: ${((100 * falsely) / clean).toFixed(2)} %   beside ${beside}`,
  )
  console.log(`recall, and false ones in clean sentences\n${rows.join('\n')}`)
  console.log(
    `missed ${missed.length}\n${missed.slice(0, 40).join('\n')}\nwrong ${wrong.length}\n${wrong.slice(0, 40).join('\n')}`,
  )
  expect(clean).toBeGreaterThan(COUNT * 0.45)
})

test.each(PII_TYPES)('%s: recall of what is promised, and few false ones', (type) => {
  const { planted = 0, found = 0, falsely = 0 } = scores.get(type) ?? {}
  expect(planted).toBeGreaterThan(300)
  expect(found / planted).toBeGreaterThanOrEqual(LEAST_RECALL)
  expect(falsely / clean).toBeLessThanOrEqual(MOST_FALSE)
})
