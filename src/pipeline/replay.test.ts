import { describe, expect, test } from 'vitest'
import type { JsonObject } from '#src/core/json.ts'
import { ALL, ASKED } from '#src/core/endpoint.ts'
import { dialects } from '#src/dialects/registry.ts'
import { ruleKinds } from '#policies/registry.ts'
import { MEANS } from '#src/config/means.ts'
import type { Rule } from '#src/core/policy.ts'
import {
  makeCatalog,
  makeKey,
  makeRoute,
  makeSnapshot,
  makeTarget,
  type TargetInput,
} from '../../test/support/world.ts'
import { readRecord } from './read-record.ts'
import { replay } from './replay.ts'

/** A recorded request, as a line of the log has it. */
function record(more: JsonObject = {}, inputs: JsonObject = {}) {
  const read = readRecord({
    outcome: 'route',
    model: 'chat',
    endpoint: '/v1/chat/completions',
    candidates: [{ target: 'a/x', verdict: 'eligible' }],
    plan: ['a/x'],
    inputs: {
      seed: 's',
      now: 1000,
      signals: { input_tokens: 1, input_tokens_worst: 2, needs: [{ capability: 'chat', param: 'model' }] },
      ...inputs,
    },
    ...more,
  })
  if (read === 'other' || !read.inputs) throw new Error('no decision')
  return { ...read, inputs: read.inputs }
}

function world(targets: Readonly<Record<string, TargetInput>>, more: Parameters<typeof makeSnapshot>[0] = {}) {
  const made = Object.entries(targets).map(([id, input]) => makeTarget(id, input))
  return makeSnapshot({ routeList: [makeRoute('chat', made)], ...more })
}

/** Verdict and code of each candidate. */
function found(...args: Parameters<typeof replay>): readonly string[] {
  const decided = replay(...args)
  if (decided === 'unknown_key') return [decided]
  return decided.decision.candidates.map(({ verdict, code }) => (code === undefined ? verdict : `${verdict} ${code}`))
}

describe('whose request it is', () => {
  const app = makeKey('app')
  const bot = (id: string, by: string | null = null) => ({ key: { key: { id, models: ['chut'] }, by } })
  const closed = { access: { mode: 'keys', byDigest: new Map() }, keysById: new Map([['app', app]]) } as const
  test.each([
    ['a key that the file has', { key: 'app' }, closed, ['eligible']],
    ['a key that it has not', { key: 'gone' }, closed, ['unknown_key']],
    ['no key where one is needed', {}, closed, ['unknown_key']],
    ['a key where none is needed', { key: 'gone' }, {}, ['eligible']],
    ['one that was made, with what it might', { key: 'bot' }, closed, [], bot('bot')],
    ['one that was made, and is in the file now', { key: 'app' }, closed, ['eligible'], bot('app')],
    ['one whose maker may make none', { key: 'app:a' }, closed, ['unknown_key'], bot('app:a', 'app')],
    ['one that was made, where none is needed', { key: 'bot' }, {}, ['eligible'], bot('bot')],
  ])('%s', (_name, more, access, expected, inputs: JsonObject = {}) => {
    expect(found(world({ 'a/x': {} }, access), record(more, inputs))).toEqual(expected)
  })

  test('its spend of then counts', () => {
    const key = makeKey('app', { budget: { limit: 1000n, per: 'month' } })
    const snapshot = world(
      { 'a/x': { facts: { price: { input: 1n, output: 0n, source: 'test' } } } },
      { ...closed, keysById: new Map([['app', key]]) },
    )
    const spent = (text: string) =>
      found(snapshot, record({ key: 'app' }, { spend: { 'key/app': { spent: text, held: '1' } } }))
    expect(spent('998')).toEqual(['eligible'])
    expect(spent('999')).toEqual(['over_budget budget_exceeded'])
  })
})

describe('what a request can be said to', () => {
  const mute = { endpoints: ['embeddings'] } as const
  const unspeakable = (code: string) => ({
    candidates: [{ target: 'a/x', unspeakable: { code, reason: 'it cannot', param: 'tools' } }],
  })

  test('one that was asked then: what was found, although its facts say otherwise', () => {
    expect(found(world({ 'a/x': { adapter: mute } }), record())).toEqual(['eligible'])
    expect(found(world({ 'a/x': {} }), record({}, unspeakable('tools_missing')))).toEqual(['incapable tools_missing'])
  })

  test('one that was denied then, or was not there: what its facts say', () => {
    const denied = { candidates: [{ target: 'a/x', verdict: 'denied' }] }
    expect(found(world({ 'a/x': { adapter: mute } }), record(denied))).toEqual(['incapable endpoint_missing'])
    const unseen = { 'b/native': {}, 'b/mute': { adapter: mute }, 'b/weak': { facts: { capabilities: [] } } }
    const expected = ['eligible', 'incapable endpoint_missing', 'incapable chat_missing']
    expect(found(world(unseen), record())).toEqual(expected)
    const tokens = record({ endpoint: '/v1/messages/count_tokens' })
    expect(found(world({ 'b/mute': { adapter: mute } }), tokens)).toEqual(['eligible'])
  })

  test('what a key refused as `strict` it takes once it is not strict any more', () => {
    expect(found(world({ 'a/x': {} }), record({}, unspeakable('strict')))).toEqual(['eligible'])
  })

  test('every dialect of conversations is translated and no other, every count of tokens is estimated', () => {
    for (const endpoint of ALL) {
      const { operation } = ASKED[endpoint]
      expect([endpoint, dialects[endpoint].translation !== undefined]).toEqual([endpoint, operation === 'chat'])
      expect([endpoint, dialects[endpoint].estimate !== undefined]).toEqual([endpoint, operation === 'tokens'])
    }
  })
})

describe('what a request held is in the record, and no word of it', () => {
  const compile = (field: string, body: object): Rule => {
    const kind = ruleKinds.get(field)
    if (!kind) throw new TypeError(field)
    return kind.compile({ name: 'r', source: 'tutti.yaml:1:1', body }, makeCatalog(), MEANS)
  }
  const signals = { input_tokens: 1, input_tokens_worst: 2 }
  const target = { 'a/x': {} }

  test('a guard goes by what it found then, and knows nothing of what was not looked for', () => {
    const rule = compile('guard', { literals: ['secret'] })
    const id = rule.guard?.id ?? ''
    const by = (guarded: JsonObject) =>
      found(world(target, { rules: [rule] }), record({}, { signals: { ...signals, guarded } }))
    expect([by({ [id]: true }), by({ [id]: false })]).toEqual([['denied guarded'], ['eligible']])
    // Under another text of the rule it was not looked for.
    expect(by({ [compile('guard', { literals: ['other'] }).guard?.id ?? '']: false })).toEqual(['denied policy_error'])
  })

  test('personal data is what it was', () => {
    const rule = compile('redact', ['kr_rrn'])
    const by = (pii: JsonObject) =>
      found(world(target, { rules: [rule] }), record({}, { signals: { ...signals, pii } }))
    expect(by({ counts: { kr_rrn: 1 } })).toEqual(['eligible'])
    expect(by({ counts: {}, unscannable: true })).toEqual(['denied unscannable'])
    expect(found(world(target, { rules: [rule] }), record({}, { signals }))).toEqual(['denied policy_error'])
  })
})
