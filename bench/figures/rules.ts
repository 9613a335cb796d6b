import { compileCondition } from '#src/config/condition.ts'
import type { Circumstances } from '#src/core/circumstances.ts'
import { findPii } from '#src/core/pii/find.ts'
import { judge } from '#src/routing/judge.ts'
import { createOccasion } from '#src/routing/occasion.ts'
import { makeRule, makeSnapshot, makeTarget } from '../../test/support/world.ts'
import type { Check } from '../report.ts'
import { median } from '../rounds.ts'
import type { Scale } from '../scale.ts'

const MANY = 50
const CONDITION = 'request.input_tokens > 10 && request.stream'
const CAME: Circumstances = {
  request: {
    model: 'chat',
    endpoint: '/v1/chat/completions',
    stream: true,
    input_tokens: 100,
    choices: 1,
    needs: [],
    tags: [],
    metadata: {},
  },
  key: { id: 'app', tenant: '', tags: [] },
  client: {},
  now: 0,
}
const PROSE =
  '오늘 회의에서는 이번 분기의 매출을 이야기하였다. 주문 20240105-123456, 가격 1,234,000원, 2024-01-05 12:34, 010-1234-5678. ' +
  'One of the two teams wrote a longer letter to the other, and then seven of them went on to talk about it in the office. '
/** UTF-8 bytes. */
const TEXT_BYTES = 1_000_000

/** What rules cost in this process alone: CPU of its one thread, the middle of the rounds. */
export function measureRules({ rounds }: Scale): readonly Check[] {
  return [
    checkOf({ promise: 'a condition of two comparisons', about: 1, unit: 'µs', value: conditionUs(rounds) }),
    checkOf({
      promise: '50 candidates by 50 rules, each with a condition',
      about: 100,
      unit: 'µs',
      value: judgingUs(rounds),
    }),
    checkOf({ promise: 'personal data in 1 MB of text', about: 50, unit: 'ms', value: findingMs(rounds) }),
  ]
}

function conditionUs(rounds: number): number {
  const { condition } = compiled()
  return microseconds(rounds, 100_000, () => condition(CAME))
}

function judgingUs(rounds: number): number {
  const { condition: when } = compiled()
  const targets = Array.from({ length: MANY }, (_, index) => makeTarget(`p${index}/m`))
  const rules = targets.map((_, index) => {
    const ids = targets.filter((_target, other) => (other + index) % 5 === 0).map(({ id }) => id)
    return { ...makeRule(`r${index}`, ids), when }
  })
  const snapshot = makeSnapshot({ rules })
  return microseconds(rounds, 1000, () => {
    const occasion = createOccasion(() => CAME)
    for (const target of targets) judge(snapshot, { occasion }, target)
  })
}

function findingMs(rounds: number): number {
  const bytes = new TextEncoder().encode(PROSE.repeat(Math.ceil(TEXT_BYTES / PROSE.length))).slice(0, TEXT_BYTES)
  // As it comes off the wire.
  const text = new TextDecoder().decode(bytes)
  return microseconds(rounds, 1, () => findPii(text)) / 1000
}

function compiled() {
  const made = compileCondition(CONDITION)
  if (!made.ok) throw new TypeError(made.message)
  return made
}

/** µs of CPU a run, warm. */
function microseconds(rounds: number, runs: number, run: () => unknown): number {
  const samples = Array.from({ length: rounds + 2 }, () => {
    const before = process.threadCpuUsage()
    for (let count = 0; count < runs; count++) run()
    const { user, system } = process.threadCpuUsage(before)
    return (user + system) / runs
  })
  return median(samples.slice(2))
}

interface Measured {
  readonly promise: string
  readonly about: number
  readonly unit: string
  readonly value: number
}

/** "About" is half as much again. */
function checkOf({ promise, about, unit, value }: Measured): Check {
  const most = unit === 'ms' ? about : about * 1.5
  return {
    promise,
    limit: `${unit === 'ms' ? '' : 'about '}${about} ${unit}`,
    measured: `${value.toFixed(2)} ${unit}`,
    holds: value <= most,
  }
}
