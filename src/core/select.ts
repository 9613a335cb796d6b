import type { Ancestor, Ancestry, Facts } from './facts.ts'
import { foldModel, foldText } from './fold.ts'
import type { Match, OneOrMore, Selector, SelectorField, SelectorInput } from './selector.ts'
import type { Evidence, Target } from './target.ts'
import { any, type Truth } from './truth.ts'
import { compilePattern, type Matcher } from './wildcard.ts'

/** Selector fields that hold names: `*` matches any run, spelling is folded. */
export const NAME_FIELDS = [
  'provider',
  'operator',
  'operatorCountry',
  'region',
  'developer',
  'lineage',
  'family',
  'model',
  'license',
] as const

/** Selector fields that are true or false. */
export const FLAG_FIELDS = ['local', 'openWeights', 'trainsOnData', 'retainsData'] as const

export interface SelectOptions {
  /**
   * The selector speaks against a target (`deny`): what a name alone suggests counts where the fact is not known. Everywhere else a
   * name is no evidence (INTERFACE.md section 9, Facts).
   */
  readonly against?: boolean
}

/** One field's answer, and the words for it where it is true. */
interface Answer {
  readonly truth: Truth
  readonly unknown?: readonly SelectorField[]
  readonly evidence?: string
}

type Test = (target: Target) => Answer

/**
 * Compiles a selector to a three-valued question about a target: false if any field is false, else unknown if any is, else true.
 * An empty selector is true of every target; an empty list of names is false of every target, but `lineage: []` asks for no lineage.
 */
export function compileSelector(input: SelectorInput, options: SelectOptions = {}): Selector {
  const tests = [...nameTests(input, options), ...flagTests(input, options)]
  return (target) => combine(tests, target)
}

/** Any of several selectors: true if one is, else unknown if one is. None at all is false. */
export function anySelector(selectors: readonly Selector[]): Selector {
  return (target) => {
    const matches = selectors.map((selector) => selector(target))
    const hit = matches.find((match) => match.truth === true)
    if (hit) return hit
    const unknown = unique(matches.flatMap((match) => match.unknown))
    if (unknown.length > 0) return { truth: 'unknown', unknown }
    return { truth: false, unknown: [], failed: unique(matches.flatMap((match) => match.failed ?? [])) }
  }
}

function combine(tests: readonly (readonly [SelectorField, Test])[], target: Target): Match {
  const unknown: SelectorField[] = []
  const failed: SelectorField[] = []
  const evidence: string[] = []
  for (const [field, test] of tests) {
    const answer = test(target)
    if (answer.truth === false) failed.push(field)
    if (answer.truth === 'unknown') unknown.push(...(answer.unknown ?? [field]))
    if (answer.evidence !== undefined) evidence.push(answer.evidence)
  }
  if (failed.length > 0) return { truth: false, unknown: [], failed }
  if (unknown.length > 0) return { truth: 'unknown', unknown: unique(unknown) }
  return { truth: true, unknown: [], evidence }
}

function flagTests(input: SelectorInput, options: SelectOptions): (readonly [SelectorField, Test])[] {
  const tests: (readonly [SelectorField, Test])[] = []
  for (const field of FLAG_FIELDS) {
    const wanted = input[field]
    if (wanted === undefined) continue
    tests.push([field, (target) => flag(target, { field, wanted, against: options.against === true })])
  }
  return tests
}

interface FlagQuestion {
  readonly field: (typeof FLAG_FIELDS)[number]
  readonly wanted: boolean
  readonly against: boolean
}

function flag({ facts, suspicion, hosted }: Target, { field, wanted, against }: FlagQuestion): Answer {
  const doubted = hosted?.doubted.has(field) === true
  if (doubted && !against) return { truth: false }
  const known = facts[field] ?? (against && suspicion?.facts[field] === wanted ? wanted : undefined)
  if (known === wanted) return { truth: true, evidence: `its ${field} is \`${wanted}\`` }
  const said = against ? hosted?.evidence.find((one) => one.facts[field] === wanted) : undefined
  if (said) return { truth: true, evidence: said.words }
  return { truth: known === undefined || doubted ? 'unknown' : false }
}

function nameTests(input: SelectorInput, options: SelectOptions): (readonly [SelectorField, Test])[] {
  const tests: (readonly [SelectorField, Test])[] = []
  for (const field of NAME_FIELDS) {
    const wanted = input[field]
    if (wanted === undefined) continue
    const patterns = typeof wanted === 'string' ? [wanted] : wanted
    tests.push([
      field,
      nameTest({
        field,
        patterns,
        derived: input.derived === true,
        components: input.components === true,
        against: options.against === true,
      }),
    ])
  }
  return tests
}

interface NameQuestion {
  readonly field: (typeof NAME_FIELDS)[number]
  readonly patterns: readonly string[]
  readonly derived: boolean
  readonly components: boolean
  readonly against: boolean
}

function nameTest(question: NameQuestion): Test {
  const { field, patterns, derived, components } = question
  if (field === 'provider') return providerTest(anyOf(patterns, foldText))
  if (field === 'lineage' && patterns.length === 0) {
    const none = noLineage(question.against)
    return components ? (target) => both(field, none(target), noParts(target)) : none
  }
  const match = MODEL_NAMES.has(field) ? modelNames(question) : houseNames(question)
  if (field === 'model') return modelTest(match, question.against)
  const matching = { ...question, match }
  const widened = field === 'lineage' || field === 'developer' || field === 'family'
  const ancestry = field === 'lineage' || (derived && widened)
  const test: Test = (target) => (ancestry ? withAncestry(target, matching) : own(target, matching))
  return components && widened ? (target) => either(field, test(target), inParts(target, matching)) : test
}

/** What parts of the target are, and come from. */
function inParts({ parts }: Target, question: Matching): Answer {
  const hit = parts && ancestorIn(parts, question)
  if (hit) return { truth: true, evidence: `a part of ${describe(hit, false)}` }
  const complete = parts?.complete === true && parts.ancestors.every((ancestor) => isKnown(ancestor, question.field))
  return complete ? { truth: false } : { truth: 'unknown', unknown: ['components'] }
}

function noParts({ facts: { components } }: Target): Answer {
  if (components === undefined) return { truth: 'unknown', unknown: ['components'] }
  return components.length === 0 ? { truth: true } : { truth: false }
}

/** True where one is; what neither knows is unknown. */
function either(field: SelectorField, one: Answer, other: Answer): Answer {
  if (one.truth === true) return one
  if (other.truth === true) return other
  return { truth: any([one.truth, other.truth]), unknown: unknownOf(field, [one, other]) }
}

function both(field: SelectorField, one: Answer, other: Answer): Answer {
  if (one.truth === false || other.truth === false) return { truth: false }
  const unknown = unknownOf(field, [one, other])
  return unknown.length > 0 ? { truth: 'unknown', unknown } : one
}

function unknownOf(field: SelectorField, answers: readonly Answer[]): readonly SelectorField[] {
  return unique(answers.flatMap(({ truth, unknown }) => (truth === 'unknown' ? (unknown ?? [field]) : [])))
}

/** Names of models, families and ancestors, around which vendors put prefixes, dates and tags. */
const MODEL_NAMES: ReadonlySet<string> = new Set(['model', 'family', 'lineage'])

type Matching = NameQuestion & { readonly match: Matcher }

/**
 * The target's own fact; where the selector speaks against it, also what its host says of it, and where the fact is lacking what its name suggests.
 * A fact that the host contradicts holds for nobody.
 */
function own(target: Target, { field, match, against }: Matching): Answer {
  const doubted = target.hosted?.doubted.has(field) === true
  if (doubted && !against) return { truth: false }
  const known = namesIn(target.facts, field)
  const hit = known?.find(match)
  if (hit !== undefined) return { truth: true, evidence: `its ${field} is \`${hit}\`` }
  const said = against ? saidOf(target, (one) => namesIn(one.facts, field)?.some(match) === true) : undefined
  if (said) return said
  if (known !== undefined) return { truth: doubted ? 'unknown' : false }
  const suspected = against ? namesIn(target.suspicion?.facts ?? {}, field)?.find(match) : undefined
  if (suspected === undefined) return { truth: 'unknown' }
  return { truth: true, evidence: `its name suggests ${field} \`${suspected}\`` }
}

/** What the host says that speaks against the target, if anything it says does. */
function saidOf({ hosted }: Target, speaks: (one: Evidence) => boolean): Answer | undefined {
  const said = hosted?.evidence.find(speaks)
  return said && { truth: true, evidence: said.words }
}

/** The target's own fact, and with `derived` everything that its weights come from. */
function withAncestry(target: Target, question: Matching): Answer {
  const mine = own(target, question)
  if (!question.derived || mine.truth === true) return mine
  const { against, field } = question
  const doubted = target.hosted?.doubted
  if (!against && (doubted?.has('lineage') || doubted?.has(field))) return { truth: false }
  const known = target.facts.lineage !== undefined
  const suspected = against && !known ? target.suspicion?.ancestry : undefined
  const hit = ancestorIn(target.ancestry, question) ?? (suspected && ancestorIn(suspected, question))
  if (hit) return { truth: true, evidence: describe(hit, suspected?.ancestors.includes(hit) === true) }
  const said = against ? saidOf(target, (one) => ancestorIn(one.ancestry, question) !== undefined) : undefined
  if (said) return said
  // A fact that is missing anywhere up the line might be the one that is asked for.
  const complete =
    doubted?.has('lineage') !== true &&
    target.ancestry.complete &&
    target.ancestry.ancestors.every((ancestor) => isKnown(ancestor, field))
  const unknown: SelectorField[] = []
  if (mine.truth === 'unknown') unknown.push(field)
  if (!known || !complete) unknown.push('lineage')
  return { truth: any([mine.truth, known && complete ? false : 'unknown']), unknown }
}

function ancestorIn({ ancestors }: Ancestry, { field, match }: Matching): Ancestor | undefined {
  return ancestors.find(({ name, developer, family }) => {
    if (field === 'developer') return developer !== undefined && match(developer)
    // An entry of a lineage may name a family as well as a model.
    return match(name) || (family !== undefined && match(family))
  })
}

function isKnown(ancestor: Ancestor, field: SelectorField): boolean {
  if (field === 'developer') return ancestor.developer !== undefined
  return field !== 'family' || ancestor.family !== undefined
}

function describe({ name, developer }: Ancestor, suspected: boolean): string {
  const by = developer === undefined ? '' : ` of developer \`${developer}\``
  return suspected ? `its name suggests that it comes from \`${name}\`${by}` : `it comes from \`${name}\`${by}`
}

/** The name in the file, the type, and the vendor: always known. */
function providerTest(match: Matcher): Test {
  return ({ provider, facts }) => {
    const names = [provider.name, provider.adapter.type, ...(facts.provider === undefined ? [] : [facts.provider])]
    const hit = names.find(match)
    return hit === undefined ? { truth: false } : { truth: true, evidence: `its provider is \`${hit}\`` }
  }
}

/** The name that the upstream goes by says which model it is only where the file or the catalog vouches for it. */
function modelTest(match: Matcher, against: boolean): Test {
  return (target) => {
    const { facts, model, hosted } = target
    const doubted = hosted?.doubted.has('model') === true
    if (doubted && !against) return { truth: false }
    const vouched = facts.model !== undefined
    const names = [...(facts.model === undefined ? [] : [facts.model]), ...(vouched || against ? [model] : [])]
    const hit = names.find(match)
    if (hit !== undefined) return { truth: true, evidence: `its model is \`${hit}\`` }
    const named = ({ facts: said }: Evidence) => said.model !== undefined && match(said.model)
    const said = against ? saidOf(target, named) : undefined
    return said ?? { truth: vouched && !doubted ? false : 'unknown' }
  }
}

function noLineage(against: boolean): Test {
  return ({ facts, hosted }) => {
    const doubted = hosted?.doubted.has('lineage') === true
    if (doubted && !against) return { truth: false }
    if (facts.lineage?.length === 0) return { truth: true, evidence: 'its lineage is empty' }
    return { truth: facts.lineage === undefined || doubted ? 'unknown' : false }
  }
}

function namesIn(facts: Facts, field: (typeof NAME_FIELDS)[number]): readonly string[] | undefined {
  const value: OneOrMore<string> | undefined = facts[field]
  return typeof value === 'string' ? [value] : value
}

/**
 * Whole names as written and, so that `deepseek-v3` finds `accounts/x/models/DeepSeek-V3:free`, without what vendors put around them. A
 * pattern with a `/` names the vendor too, and then another vendor's is only found by a selector that speaks against it.
 */
function modelNames({ patterns, against }: NameQuestion): Matcher {
  const bare = against ? patterns : patterns.filter((pattern) => !pattern.includes('/'))
  const whole = anyOf(patterns, foldText)
  const inner = anyOf(bare, foldModel)
  return (name) => whole(name) || inner(name)
}

/** `DeepSeek AI` and `deepseek-ai` are `deepseek` to a selector that speaks against it. */
function houseNames({ field, patterns, against }: NameQuestion): Matcher {
  const whole = anyOf(patterns, foldText)
  if (!against || (field !== 'developer' && field !== 'operator')) return whole
  return (name) => whole(name) || (foldText(name).endsWith('ai') && whole(foldText(name).slice(0, -2)))
}

function anyOf(patterns: readonly string[], fold: (text: string) => string): Matcher {
  const matchers = patterns.map((pattern) => compilePattern(pattern, fold))
  return (text) => matchers.some((matches) => matches(text))
}

function unique<Item>(items: readonly Item[]): readonly Item[] {
  return [...new Set(items)]
}
