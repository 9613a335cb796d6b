import type { Catalog } from './catalog.ts'
import type { SelectorField } from './selector.ts'
import type { Target } from './target.ts'

/** How people say a fact, and where in the file it is declared. */
interface FactWords {
  readonly noun: string
  readonly declare: string
  /** Facts of a host stand at its provider, facts of a model at the model. */
  readonly at: 'provider' | 'model'
}

const WORDS: Readonly<Record<SelectorField, FactWords>> = {
  provider: { noun: 'provider', declare: '`type`', at: 'provider' },
  operator: { noun: 'operator', declare: '`operator.name`', at: 'provider' },
  operatorCountry: { noun: "operator's country", declare: '`operator.country`', at: 'provider' },
  region: { noun: 'region', declare: '`region`', at: 'provider' },
  developer: { noun: 'developer', declare: '`developer`', at: 'model' },
  lineage: { noun: 'lineage', declare: '`lineage` (`[]` if it comes from no other model)', at: 'model' },
  components: { noun: 'components', declare: '`components` (`[]` if every part of it is its own)', at: 'model' },
  family: { noun: 'family', declare: '`family`', at: 'model' },
  model: { noun: 'real model', declare: '`model`', at: 'model' },
  license: { noun: 'license', declare: '`license`', at: 'model' },
  local: { noun: '`local`', declare: '`local`', at: 'provider' },
  openWeights: { noun: '`openWeights`', declare: '`openWeights`', at: 'model' },
  trainsOnData: { noun: '`trainsOnData`', declare: '`trainsOnData`', at: 'provider' },
  retainsData: { noun: '`retainsData`', declare: '`retainsData`', at: 'provider' },
}

/** A field as people say it: `region`, `operator's country`. */
export function factNoun(field: SelectorField): string {
  return WORDS[field].noun
}

/** A field as machines read it, for codes and logs: `operator_country`. */
export function factCode(field: string): string {
  let code = ''
  for (const letter of field) code += letter >= 'A' && letter <= 'Z' ? `_${letter.toLowerCase()}` : letter
  return code
}

/**
 * Which facts of a target are missing, and what to declare where:
 * `the developer of \`seoul/x\` is unknown: declare \`developer\` for it at tutti.yaml:12:3`.
 */
export function missingFacts(target: Target, fields: readonly SelectorField[], catalog: Catalog): string {
  const doubted = fields.filter((field) => target.hosted?.doubted.has(field))
  const others = fields.filter((field) => !doubted.includes(field))
  const strangers = others.includes('lineage') ? strangersIn(target, catalog) : []
  const lacking = strangers.length > 0 ? others.filter((field) => field !== 'lineage') : others
  return [
    ...(doubted.length > 0 ? [contradicted(target)] : []),
    ...(lacking.length > 0 ? [lackingFacts(target, lacking)] : []),
    ...strangers,
  ].join('; ')
}

/** What a host says against what is known of its model: `its host says that it is \`x\`, which its developer at tutti.yaml:12:3 does not fit`. */
export function contradicted({ hosted, id, source }: Target): string {
  const words = and(hosted?.contradictions ?? [])
  return `of \`${id}\` ${words}: declare at ${source} what it really is, or correct the host`
}

function lackingFacts(target: Target, fields: readonly SelectorField[]): string {
  const nouns = and(fields.map((field) => `the ${WORDS[field].noun}`))
  const verb = fields.length > 1 ? 'are' : 'is'
  return `${nouns} of \`${target.id}\` ${verb} unknown: declare ${places(target, fields)}`
}

function places(target: Target, fields: readonly SelectorField[]): string {
  const ofHost = fields.filter((field) => WORDS[field].at === 'provider').map((field) => WORDS[field].declare)
  const ofModel = fields.filter((field) => WORDS[field].at === 'model').map((field) => WORDS[field].declare)
  const host = `${and(ofHost)} for provider \`${target.provider.name}\` at ${target.provider.source}`
  return and([
    ...(ofModel.length > 0 ? [`${and(ofModel)} ${modelPlace(target)}`] : []),
    ...(ofHost.length > 0 ? [host] : []),
  ])
}

/** A model that the file does not write has its provider's place, and is written there first. */
function modelPlace({ source, provider, model }: Target): string {
  if (source !== provider.source) return `for it at ${source}`
  return `for \`${model}\` under \`models\` of provider \`${provider.name}\` at ${source}`
}

/** Entries of a declared lineage of which the catalog does not know where they come from. */
function strangersIn(target: Target, catalog: Catalog): readonly string[] {
  const entries = target.facts.lineage ?? []
  const strangers = entries.filter((entry) => !isKnown(entry, catalog)).map((entry) => `\`${entry}\``)
  if (strangers.length === 0) return []
  const what = `the catalog does not know where ${and(strangers)} in the lineage of \`${target.id}\` comes from`
  return [`${what}: write the known models it was made from instead at ${target.source}`]
}

function isKnown(entry: string, catalog: Catalog): boolean {
  const { ancestors, complete } = catalog.ancestry([entry])
  return complete && ancestors.every((ancestor) => ancestor.developer !== undefined)
}

function and(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
