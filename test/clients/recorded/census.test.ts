import { expect, test } from 'vitest'
import { RUNTIME, whyNotRecorded } from '../../support/runtime.ts'
import { EXCEPTIONS } from '../corpus-exceptions.ts'
import { loadRecorded, type Recorded } from './cases.ts'
import { FAILURES } from './cross-exceptions.ts'
import { NATIVE_EXCEPTIONS } from './native-exceptions.ts'
import { nativeOf } from './natives.ts'
import { OLDER, WIRES } from './forms.ts'

/** Where each case of the corpus is held against an official client, or why it is held against none. */
const absent = whyNotRecorded()
const cases = absent !== undefined ? [] : loadRecorded()

/** Held by suites of their own. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'openai.chat': 'clients/corpus.test.ts',
  'openai.completions': 'clients/corpus.test.ts',
  embeddings: 'clients/corpus.test.ts',
}
const NOT_APPLICABLE: Readonly<Record<string, string>> = {
  'models.list': 'no upstream is asked: the list is of the models that the caller’s key may use',
}

function whereOf({ api, provider, path }: Recorded): readonly string[] {
  const older = OLDER.has(api) ? ['clients/recorded/cross.test.ts (an older form that nobody asks for)'] : []
  return [
    ...(api in WIRES ? ['clients/recorded/cross.test.ts'] : older),
    ...(nativeOf({ api, provider, path }) ? ['clients/recorded/native.test.ts'] : []),
    ...[ELSEWHERE[api]].filter((own) => own !== undefined),
  ]
}

if (absent !== undefined) test.skip(`a census of the corpus: skipped, ${absent}`, () => {})

test.skipIf(absent !== undefined)('every case of the corpus is held somewhere, or there is a reason', () => {
  const rows = new Map<string, number>()
  for (const one of cases) {
    const { api, id } = one
    const where = whereOf(one)
    const reason = NOT_APPLICABLE[api]
    expect(where.length > 0, id).toBe(reason === undefined)
    const row = `${api}: ${reason ?? where.join(', ')}`
    rows.set(row, (rows.get(row) ?? 0) + 1)
  }
  expect(cases.length).toBeGreaterThanOrEqual(529)
  const lines = [...rows].toSorted().map(([row, count]) => `  ${String(count).padStart(3)} ${row}\n`)
  process.stdout.write(`the corpus, in ${RUNTIME}, ${cases.length} cases:\n${lines.join('')}`)
})

test.skipIf(absent !== undefined)('what is called malformed is so everywhere, each with its reason', () => {
  const all = [...FAILURES, ...NATIVE_EXCEPTIONS]
  const reasons = new Map(all.filter(({ malformed }) => malformed).map(({ id, why }) => [id, why]))
  for (const id of reasons.keys()) {
    expect(
      all.filter((own) => own.id === id).every(({ malformed }) => malformed),
      id,
    ).toBe(true)
  }
  const lines = [...reasons].toSorted().map(([id, why]) => `  ${id}: ${why}\n`)
  process.stdout.write(`malformed, ${reasons.size} cases:\n${lines.join('')}`)
  for (const { why } of [...all, ...EXCEPTIONS]) expect(why.length).toBeGreaterThan(10)
})
