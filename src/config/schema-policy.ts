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
  derived: z
    .optional(flag)
    .check(z.describe('Widens developer, family and lineage to everything trained or distilled from them.')),
  components: z.optional(flag).check(z.describe('Widens these to parts: an encoder from elsewhere counts too.')),
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
  except: z
    .optional(
      z.union([selector, listOf(selector, 'a list of selectors')], { error: 'a selector or a list of selectors' }),
    )
    .check(z.describe('Takes these out of the deny again.')),
}).check(filled, derived, components)

const require = fields({
  ...selectorFields,
  anyOf: z
    .optional(listOf(selector, 'a list of selectors'))
    .check(z.describe('An allow-list: one of these must hold.')),
}).check(filled, derived, components)

const verifyServed = z.union(
  [
    z.literal(true),
    fields({
      ...selectorFields,
      match: z
        .optional(choice(['model', 'family', 'developer']))
        .check(z.describe('How closely who answers must be who was asked; `model` unless written.')),
      as: z.optional(oneOrMore()).check(z.describe('Other names by which these targets may answer.')),
    }).check(derived, components),
  ],
  { error: '`true`, or a selector of the targets whose answers are checked' },
)

/** A whole number of something, at least `least`. */
function most(least: number, what: string) {
  const error = `a whole number of ${what}, at least ${least}`
  return z.optional(z.int({ error }).check(z.minimum(least, { error }))).check(z.describe(`The most ${what}.`))
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
      types: z.optional(allTypes).check(z.describe('What is taken out; `all` unless written.')),
      restore: z.optional(flag).check(z.describe('It is put back into the answer.')),
      answers: z.optional(flag).check(z.describe('`false`: what answers hold is left in them.')),
      unscannable: z
        .optional(choice(['deny', 'allow']))
        .check(z.describe('Whether requests with pictures, sounds and files are refused; `deny` unless written.')),
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
const patience = z
  .optional(duration.check(z.refine((ms) => ms > 0 && ms <= 60_000, { error: PATIENCE })))
  .check(z.describe('How long a caller waits for it at most, up to `1m`; `5s` unless written.'))
const asked = text('the name of a model under `models`, or `provider/model`')

const guard = fields({
  literals: guardTexts.check(
    z.describe('Words that no text may hold, whatever their case, width, accents and hidden characters.'),
  ),
  patterns: guardTexts.check(z.describe('Patterns (RE2) that may be found in no text; texts are in lower case.')),
  webhook: z
    .optional(
      fields({
        url: text('a URL like `https://guard.example.com/check`'),
        secret: z.optional(text()).check(z.describe('Signs what is sent (Standard Webhooks): `whsec_…`.')),
        local: z.optional(flag).check(z.describe('A private address is meant.')),
        timeout: patience,
      }),
    )
    .check(z.describe('Whom to ask: it answers `{ "allow": true }` or `{ "allow": false }`.')),
  moderation: z
    .optional(
      fields({
        model: asked,
        categories: z.optional(listOf(text(), 'a list of categories')).check(z.describe('All unless written.')),
        threshold: share.check(z.describe('From which score on; what the model itself calls flagged unless written.')),
        timeout: patience,
      }),
    )
    .check(z.describe('Which moderation model to ask, as any caller would.')),
  decision: z
    .optional(
      fields({
        model: asked,
        question: text('what is found, as a statement that is true or false of a text'),
        threshold: share.check(z.describe('How probable it must be; 0.5 unless written.')),
        timeout: patience,
      }),
    )
    .check(z.describe('Which decision model to ask, as any caller would.')),
  on: z
    .optional(listOf(choice(['input', 'output']), 'a list of `input` and `output`'))
    .check(z.describe('Requests, answers or both; `[input]` unless written.')),
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
  name: z.optional(text()).check(z.describe('Shown to whoever is denied.')),
  preset: z.optional(text('the name of a preset')).check(z.describe('Rules that tutti brings, by their name.')),
  deny: z.optional(deny).check(z.describe('Removes the targets that match, and those of which it is unknown.')),
  require: z.optional(require).check(z.describe('Removes every target of which this is not known to hold.')),
  transfer: z.optional(transfer).check(z.describe('Removes every target abroad that is not permitted on a basis.')),
  prefer: z.optional(selector).check(z.describe('Puts the targets that match before the others; takes nothing out.')),
  limit: z.optional(limit).check(z.describe('Lowers the output asked for, and refuses more of anything else.')),
  set: z.optional(set).check(z.describe('Writes values into requests, whatever the caller wrote.')),
  redact: z.optional(redact).check(z.describe('Takes personal data out of requests and answers.')),
  guard: z.optional(guard).check(z.describe('Refuses requests, and ends answers, that hold something.')),
  label: z.optional(label).check(z.describe('Marks answers as made by a model, in headers.')),
  verifyServed: z
    .optional(verifyServed)
    .check(z.describe('Ends an answer that is not known to come from the model that was asked.')),
  reason: z.optional(text()).check(z.describe('Shown to whoever is denied.')),
  unknown: z
    .optional(choice(['allow']))
    .check(z.describe('An unknown fact neither matches a deny nor fails a require.')),
  subjects: z.optional(subjects).check(z.describe('Limits the rule to some callers.')),
  mode: z
    .optional(choice(['enforce', 'shadow']))
    .check(z.describe('`shadow`: takes nothing out, and shows what it would have taken out.')),
  when: z
    .optional(text('a condition in CEL'))
    .check(z.describe('The rule speaks about requests of which this is true (CEL).')),
  schedule: z.optional(schedule).check(z.describe('The rule speaks at these times only.')),
  client: z.optional(client).check(z.describe('The rule speaks about requests from there only.')),
  onError: z
    .optional(choice(['deny', 'allow']))
    .check(z.describe('What a rule or a condition that fails does; `deny` unless written.')),
})

export type PolicyFile = z.output<typeof policySchema>
