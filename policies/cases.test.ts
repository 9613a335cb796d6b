import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import { makeCatalog, makeSnapshot, makeTarget } from '../test/support/world.ts'
import type { Key } from '#src/core/key.ts'
import type { Objection, Rule } from '#src/core/policy.ts'
import type { Signals } from '#src/core/request.ts'
import { redactionFor } from '#src/routing/redaction.ts'
import { termsFor } from '#src/routing/terms.ts'
import { instantOf } from '#src/core/moment.ts'
import { MEANS } from '#src/config/means.ts'
import { guardedText } from '#src/core/guarded-text.ts'
import { ruleKinds } from './registry.ts'

const strings = z.array(z.string())
const facts = z.looseObject({})
const ancestors = z.optional(
  z.array(z.strictObject({ name: z.string(), developer: z.optional(z.string()), family: z.optional(z.string()) })),
)
const target = z.strictObject({
  id: z.string(),
  type: z.optional(z.string()),
  source: z.optional(z.string()),
  facts: z.optional(facts),
  ancestors,
  complete: z.optional(z.boolean()),
  parts: ancestors,
  suspicion: z.optional(z.strictObject({ facts, ancestors })),
})
const caseSchema = z.strictObject({
  name: z.string(),
  rule: z.looseObject({
    reason: z.optional(z.string()),
    unknown: z.optional(z.literal('allow')),
    subjects: z.optional(
      z.strictObject({ keys: z.optional(strings), tenants: z.optional(strings), tags: z.optional(strings) }),
    ),
  }),
  key: z.optional(z.strictObject({ id: z.string(), tenant: z.optional(z.string()), tags: strings })),
  target: z.optional(target),
  /** What a request asks for, of a rule that changes requests, and what the rule writes into it. */
  asks: z.optional(facts),
  writes: z.optional(facts),
  redacts: z.optional(facts),
  labels: z.optional(strings),
  /** A text of a request, of a rule that looks through them, and whether it finds in it what it guards against. */
  text: z.optional(z.string()),
  found: z.optional(z.boolean()),
  /** Who says that it answered, of a rule about answers. */
  served: z.optional(target),
  preferred: z.optional(z.boolean()),
  /** When the request comes, of a rule that looks at the time, and the basis on which it permits the target. */
  time: z.optional(z.string()),
  basis: z.optional(z.string()),
  expect: z.optional(
    z.strictObject({ code: z.string(), reason: z.optional(z.string()), evidence: z.optional(z.string()) }),
  ),
})
type Case = z.output<typeof caseSchema>

const catalog = makeCatalog({ 'deepseek-r1': { name: 'deepseek-r1', developer: 'deepseek' } })

for (const [field, kind] of ruleKinds) {
  describe(field, () => {
    const file = parse(readFileSync(new URL(`./${folderOf(field)}/cases.yaml`, import.meta.url), 'utf8'))
    const cases = z.strictObject({ cases: z.array(caseSchema) }).parse(file).cases
    test.each(cases)('$name', (one) => {
      const { reason, unknown, subjects, ...body } = one.rule
      const rule = kind.compile(
        {
          name: 'a-rule',
          source: 'tutti.yaml:30:5',
          body: body[field],
          ...(reason !== undefined && { reason }),
          ...(unknown && { unknown }),
          ...(subjects && { subjects: JSON.parse(JSON.stringify(subjects)) }),
        },
        catalog,
        MEANS,
      )
      if (one.text !== undefined) {
        const { guard } = rule
        return expect(guard && 'finds' in guard && guard.finds(guardedText(one.text))).toBe(one.found)
      }
      const key = one.key && JSON.parse(JSON.stringify(one.key))
      const { objection, writes, redacts, labels, preferred, basis } = one.asks
        ? changesOf(rule, one.asks, key)
        : saidOf(rule, one, key)
      expect({ preferred, basis, writes, redacts, labels }).toEqual({
        basis: one.basis,
        preferred: one.preferred,
        writes: one.writes,
        redacts: one.redacts,
        labels: one.labels,
      })
      expect(objection?.code).toBe(one.expect?.code)
      if (one.expect?.reason !== undefined) expect(objection?.reason).toContain(one.expect.reason)
      if (one.expect?.evidence !== undefined) expect(objection?.evidence).toContain(one.expect.evidence)
      if (objection) expect(objection).toMatchObject({ rule: 'a-rule', source: 'tutti.yaml:30:5' })
    })
  })
}

/** `verifyServed` is in `verify-served`. */
function folderOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

interface Said {
  readonly objection?: Objection | undefined
  readonly preferred?: boolean | undefined
  readonly basis?: string | undefined
  readonly writes?: object
  readonly redacts?: object | undefined
  readonly labels?: readonly string[] | undefined
}

/** What a rule says of a target, or of who answers for it. */
function saidOf(rule: Rule, { target: asked, served, time }: Case, key: Key | undefined): Said {
  if (!asked) throw new TypeError('a case has a target, or what a request asks for')
  if (!rule.appliesTo(key)) return {}
  const one = targetOf(asked)
  const objection = rule.verify ? rule.verify(one, served && targetOf(served)) : rule.judge(one)
  const now = instantOf(time ?? '2026-11-26T00:00:00Z') ?? 0
  const stands = objection?.since === undefined || now >= objection.since
  return { ...(stands && { objection }), preferred: rule.prefers?.(one), basis: rule.basis?.(one, now) }
}

/** What a rule makes of a request. */
function changesOf(rule: Rule, asks: object, key: Key | undefined): Said {
  const signals: Signals = { inputTokens: 1, inputTokensWorst: 1, unmeasured: 0, choices: 1, needs: [], ...asks }
  const [snapshot, asked] = [makeSnapshot({ rules: [rule] }), { key, occasion: () => true }]
  const terms = termsFor(snapshot, asked, signals)
  const request = { endpoint: 'chat', stream: false } as const
  const { redaction, refusals } = redactionFor(snapshot, asked, { request, signals })
  return {
    objection: [...terms.refusals, ...refusals][0],
    labels: terms.labels?.notices,
    redacts: redaction && {
      types: [...redaction.types],
      restored: [...redaction.restored],
      inAnswers: [...redaction.inAnswers],
    },
    writes: Object.fromEntries(terms.writes.map(({ setting, value }) => [setting, value])),
  }
}

function targetOf({ id, type, suspicion, ...rest }: z.output<typeof target>) {
  const known = JSON.parse(JSON.stringify(rest))
  const suspected = suspicion && {
    facts: suspicion.facts,
    ancestry: { ancestors: suspicion.ancestors ?? [], complete: false },
  }
  return makeTarget(id, {
    ...known,
    ...(suspected && { suspicion: JSON.parse(JSON.stringify(suspected)) }),
    ...(type !== undefined && { adapter: { type } }),
  })
}

test('what a `prefer` would ignore is refused', () => {
  const base = { name: 'a', source: 'tutti.yaml:30:5', body: { region: 'KR' } }
  const compile = (more: object) => ruleKinds.get('prefer')?.compile({ ...base, ...more }, catalog, MEANS)
  expect(() => compile({})).not.toThrow()
  expect(() => compile({ unknown: 'allow' })).toThrow('`unknown` says nothing here')
  expect(() => compile({ reason: 'so' })).toThrow('`reason` says nothing here')
})
