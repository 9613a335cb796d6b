import * as z from 'zod/mini'
import { isObject } from '#src/core/json.ts'
import { PII_TYPES } from '#src/core/pii/types.ts'
import { choice, duration, fields, flag, listOf, oneOrMore, text } from './fields.ts'
import { client, schedule } from './schema-scope.ts'
import { transfer } from './schema-transfer.ts'

const selectorFields = {
  provider: z.optional(oneOrMore()),
  operator: z.optional(oneOrMore()),
  operatorCountry: z.optional(oneOrMore()),
  region: z.optional(oneOrMore()),
  developer: z.optional(oneOrMore()),
  // `[]` asks for models that come from no other.
  lineage: z.optional(z.union([text(), z.array(text())], { error: 'a text or a list of texts' })),
  family: z.optional(oneOrMore()),
  model: z.optional(oneOrMore()),
  license: z.optional(oneOrMore()),
  local: z.optional(flag),
  openWeights: z.optional(flag),
  trainsOnData: z.optional(flag),
  retainsData: z.optional(flag),
  derived: z.optional(flag),
  components: z.optional(flag),
}

/** What says how wide a selector is, and nothing by itself. */
const WIDTHS: ReadonlySet<string> = new Set(['derived', 'components', 'except'])

/** How a guard may look: at least one of them. */
const WAYS = ['literals', 'patterns', 'webhook', 'moderation', 'decision']
const SHARE = 'a number from 0 to 1'

/** A selector must say something: an empty one would match every target. */
function says(selector: unknown): boolean {
  return isObject(selector) && Object.keys(selector).some((name) => !WIDTHS.has(name))
}

/** `derived` and `components` widen three fields; beside others alone they would do nothing. */
function widens(name: 'derived' | 'components', selector: unknown): boolean {
  if (!isObject(selector) || selector[name] !== true) return true
  return ['developer', 'family', 'lineage'].some((field) => selector[field] !== undefined)
}

const filled = z.refine(says, {
  error:
    'a selector with at least one field, since an empty one would match every target (write `provider: "*"` if that is meant)',
})
const derived = widening('derived')
const components = widening('components')

function widening(name: 'derived' | 'components') {
  const error = `\`developer\`, \`family\` or \`lineage\` beside \`${name}\`, which widens only these`
  return z.refine((selector: unknown) => widens(name, selector), { path: [name], error })
}

/** Fields of which all must hold. */
export const selector = fields(selectorFields).check(filled, derived, components)

const deny = fields({
  ...selectorFields,
  except: z.optional(
    z.union([selector, listOf(selector, 'a list of selectors')], { error: 'a selector or a list of selectors' }),
  ),
}).check(filled, derived, components)

const require = fields({
  ...selectorFields,
  anyOf: z.optional(listOf(selector, 'a list of selectors')),
}).check(filled, derived, components)

const verifyServed = z.union(
  [
    z.literal(true),
    fields({
      ...selectorFields,
      match: z.optional(choice(['model', 'family', 'developer'])),
      as: z.optional(oneOrMore()),
    }).check(derived, components),
  ],
  { error: '`true`, or a selector of the targets whose answers are checked' },
)

/** A whole number of something, at least `least`. */
function most(least: number, what: string) {
  const error = `a whole number of ${what}, at least ${least}`
  return z.optional(z.int({ error }).check(z.minimum(least, { error })))
}

const limit = fields({
  outputTokens: most(1, 'output tokens'),
  inputTokens: most(1, 'input tokens, by an estimate'),
  choices: most(1, 'answers to one request'),
  tools: most(0, 'tools'),
  images: most(0, 'images'),
}).check(z.refine((value) => Object.keys(value).length > 0, { error: 'at least one of its fields' }))

const set = fields({
  temperature: z.optional(z.number({ error: 'a number' })),
  topP: z.optional(z.number({ error: 'a number' })),
  topK: z.optional(z.int({ error: 'a whole number' })),
  seed: z.optional(z.int({ error: 'a whole number' })),
  stop: z.optional(oneOrMore()),
  user: z.optional(text()),
  store: z.optional(flag),
  serviceTier: z.optional(text()),
  reasoningEffort: z.optional(text()),
}).check(z.refine((value) => Object.keys(value).length > 0, { error: 'at least one of its fields' }))

const piiTypes = listOf(choice(PII_TYPES), 'a list of types')
const allTypes = z.union([z.literal('all'), piiTypes], { error: '`all`, or a list of types' })

const redact = z.union(
  [
    z.literal('all'),
    piiTypes,
    fields({
      types: z.optional(allTypes),
      restore: z.optional(flag),
      answers: z.optional(flag),
      unscannable: z.optional(choice(['deny', 'allow'])),
    }),
  ],
  { error: '`all`, a list of types, or a mapping of `types`, `restore`, `answers` and `unscannable`' },
)

const label = z.union(
  [
    z.literal(true),
    fields({
      notice: text('a text of at most 500 characters').check(
        z.maxLength(500, { error: 'a text of at most 500 characters' }),
      ),
    }),
  ],
  { error: '`true`, or a mapping with a `notice`' },
)

const guardTexts = z.optional(listOf(text(), 'a list of texts'))
const share = z.optional(
  z.number({ error: SHARE }).check(z.minimum(0, { error: SHARE }), z.maximum(1, { error: SHARE })),
)
const PATIENCE = 'a duration like `2s`, up to `1m`'
const patience = z.optional(duration.check(z.refine((ms) => ms > 0 && ms <= 60_000, { error: PATIENCE })))
const asked = text('the name of a model under `models`, or `provider/model`')

const guard = fields({
  literals: guardTexts,
  patterns: guardTexts,
  webhook: z.optional(
    fields({
      url: text('a URL like `https://guard.example.com/check`'),
      secret: z.optional(text()),
      local: z.optional(flag),
      timeout: patience,
    }),
  ),
  moderation: z.optional(
    fields({
      model: asked,
      categories: z.optional(listOf(text(), 'a list of categories')),
      threshold: share,
      timeout: patience,
    }),
  ),
  decision: z.optional(
    fields({
      model: asked,
      question: text('what is found, as a statement that is true or false of a text'),
      threshold: share,
      timeout: patience,
    }),
  ),
  on: z.optional(listOf(choice(['input', 'output']), 'a list of `input` and `output`')),
}).check(
  z.refine((value) => WAYS.some((way) => way in value), {
    error: 'one of `literals`, `patterns`, `webhook`, `moderation` or `decision`',
  }),
)

const subjects = fields({
  keys: z.optional(listOf(text(), 'a list of key ids')),
  tenants: z.optional(listOf(text(), 'a list of tenants')),
  tags: z.optional(listOf(text(), 'a list of tags')),
}).check(z.refine((value) => Object.keys(value).length > 0, { error: '`keys`, `tenants` or `tags`' }))

export const policySchema = fields({
  name: z.optional(text()),
  preset: z.optional(text('the name of a preset')),
  deny: z.optional(deny),
  require: z.optional(require),
  transfer: z.optional(transfer),
  prefer: z.optional(selector),
  limit: z.optional(limit),
  set: z.optional(set),
  redact: z.optional(redact),
  guard: z.optional(guard),
  label: z.optional(label),
  verifyServed: z.optional(verifyServed),
  reason: z.optional(text()),
  unknown: z.optional(choice(['allow'])),
  subjects: z.optional(subjects),
  mode: z.optional(choice(['enforce', 'shadow'])),
  when: z.optional(text('a condition in CEL')),
  schedule: z.optional(schedule),
  client: z.optional(client),
  onError: z.optional(choice(['deny', 'allow'])),
})

export type PolicyFile = z.output<typeof policySchema>
