import * as z from 'zod/mini'
import { isObject } from '#src/core/json.ts'
import { choice, fields, instant, listOf, mapOf, money, text, whole } from './fields.ts'
import { selector } from './schema-policy.ts'

const says = (expected: string) =>
  z.refine((value) => isObject(value) && Object.keys(value).length > 0, { error: `${expected}, not an empty mapping` })

const selectors = z.optional(listOf(selector, 'a list of selectors'))

const expectation = fields({
  outcome: z.optional(choice(['route', 'deny'])),
  first: z.optional(text('the id of a target')),
  plan: z.optional(z.array(text('the id of a target'), { error: 'a list of target ids' })),
  targets: z.optional(fields({ never: selectors, only: selectors }).check(says('`never` or `only`'))),
  rule: z.optional(text('the name of a rule')),
  rules: z.optional(fields({ contains: listOf(text('the name of a rule'), 'a list of rules') })),
  code: z.optional(text('an error code like `policy_denied`')),
  status: z.optional(whole('a status from 400 to 599', 400, 599)),
  maxCostUsd: z.optional(money),
}).check(says('what must come'))

const policyCase = fields({
  name: text(),
  key: z.optional(text('the id of a key')),
  endpoint: z.optional(text('a path like `/v1/chat/completions`')),
  request: mapOf(z.json(), 'the body of a request'),
  seed: z.optional(text()),
  tags: z.optional(listOf(text(), 'a list of tags')),
  metadata: z.optional(mapOf(z.json(), 'a mapping')),
  client: z.optional(fields({ ip: z.optional(text()), country: z.optional(text()) })),
  time: z.optional(instant),
  expect: expectation,
})

export const casesSchema = fields({ cases: listOf(policyCase, 'a list of cases') })

export type CaseFile = z.output<typeof policyCase>
export type Expectation = z.output<typeof expectation>
