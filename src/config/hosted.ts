import type { Catalog } from '#src/core/catalog.ts'
import type { Ancestor, Ancestry, Facts } from '#src/core/facts.ts'
import { foldText } from '#src/core/fold.ts'
import type { HostedModel, Remote } from '#src/core/inventory.ts'
import type { Evidence, Hosted, Target } from '#src/core/target.ts'

/**
 * Shapes that many makers build weights of their own in: they say nothing of who made these. Any other shape bears the name of the maker
 * whose weights it is known for.
 */
const COMMON_SHAPES: ReadonlySet<string> = new Set('llama gpt2 gptj gptneox gptbigcode gpt'.split(' '))

const NO_ANCESTRY: Ancestry = { ancestors: [], complete: true }

/** A target with what its host says of it, by what the catalog knows of the names in that. It has no more facts than before. */
export function withHosted(target: Target, said: HostedModel, catalog: Catalog): Target {
  const findings = [
    ...(said.names ?? []).map((name) => ofName(target, name, catalog)),
    ...(said.parents ?? []).map((name) => ofParent(target, name, catalog)),
    ...(said.architectures ?? []).flatMap((shape) => ofShape(target, shape, catalog)),
    ...(said.license === undefined ? [] : [ofLicense(said.license)]),
    ...(said.remote ? [ofRemote(target, said.remote)] : []),
  ]
  if (findings.length === 0) return target
  const hosted: Hosted = {
    said,
    evidence: findings.map(({ evidence }) => evidence),
    doubted: new Set(findings.flatMap(({ doubts }) => doubts)),
    contradictions: findings.flatMap(({ evidence, against }) => (against ? [evidence.words] : [])),
  }
  return { ...target, hosted }
}

/** `against`: it contradicts what is known; `doubts`: so well that this is believed no more. */
interface Finding {
  readonly evidence: Evidence
  readonly doubts: readonly (keyof Facts)[]
  readonly against: boolean
}

/** The weights' own name. One of another maker leaves nothing of what is declared of the model standing. */
function ofName(target: Target, name: string, catalog: Catalog): Finding {
  const suspect = catalog.suspect(name)
  const facts = { ...makerOf(suspect?.facts), model: name }
  const words = `its host says that it is \`${name}\``
  const evidence = { words, facts, ancestry: suspect?.ancestry ?? NO_ANCESTRY }
  const foreign = target.facts.developer !== undefined && isForeign(target, facts.developer)
  const doubts: readonly (keyof Facts)[] = foreign
    ? ['developer', 'family', 'lineage', 'model']
    : doubtsOfLineage(target, evidence.ancestry.ancestors)
  return { evidence, doubts, against: doubts.length > 0 }
}

/** What the weights were made from is lineage, whoever made these. */
function ofParent(target: Target, name: string, catalog: Catalog): Finding {
  const suspect = catalog.suspect(name)
  const { developer, family } = suspect?.facts ?? {}
  const parent: Ancestor = {
    name,
    ...(developer !== undefined && { developer }),
    ...(family !== undefined && { family }),
  }
  const ancestors = [parent, ...(suspect?.ancestry.ancestors ?? [])]
  const words = `its host says that it was made from \`${name}\``
  const doubts = doubtsOfLineage(target, ancestors)
  return {
    evidence: { words, facts: { lineage: [name] }, ancestry: { ancestors, complete: true } },
    doubts,
    against: doubts.length > 0,
  }
}

/** Others build in a maker's shape too: it counts for a `deny` alone, and leaves what is declared standing. */
function ofShape(target: Target, shape: string, catalog: Catalog): readonly Finding[] {
  // `DeepseekV3ForCausalLM`, as Hugging Face names the class.
  const [name = ''] = shape.split('For')
  const suspect = COMMON_SHAPES.has(foldText(name)) ? undefined : catalog.suspect(name)
  if (!suspect) return []
  const words = `its host says that its architecture is \`${shape}\``
  const facts = makerOf(suspect.facts)
  const against = target.facts.developer !== undefined && isForeign(target, facts.developer)
  return [{ evidence: { words, facts, ancestry: suspect.ancestry }, doubts: [], against }]
}

function ofLicense(license: string): Finding {
  const words = `its host says that its license is \`${license}\``
  return { evidence: { words, facts: { license }, ancestry: NO_ANCESTRY }, doubts: [], against: false }
}

/** Facts of whoever processes the prompts. */
const OF_PLACE = ['local', 'operator', 'operatorCountry', 'region', 'trainsOnData', 'retainsData'] as const

/** It runs elsewhere: what is known of the host that was asked is not known of that one. */
function ofRemote({ facts }: Target, { host, operator }: Remote): Finding {
  const there: Facts = { local: false, ...(operator !== undefined && { operator }) }
  const words = `its host says that it sends requests for it on${host === undefined ? '' : ` to \`${host}\``}`
  const doubts = OF_PLACE.filter((field) => facts[field] !== there[field])
  return { evidence: { words, facts: there, ancestry: NO_ANCESTRY }, doubts, against: doubts.length > 0 }
}

function makerOf(facts: Facts = {}): Pick<Facts, 'developer' | 'family' | 'lineage'> {
  const { developer, family, lineage } = facts
  return {
    ...(developer !== undefined && { developer }),
    ...(family !== undefined && { family }),
    ...(lineage && { lineage }),
  }
}

function doubtsOfLineage(target: Target, ancestors: readonly Ancestor[]): readonly (keyof Facts)[] {
  const foreign = ancestors.some(({ developer }) => isForeign(target, developer))
  return target.facts.lineage !== undefined && foreign ? ['lineage'] : []
}

/** A maker that neither made the target, as far as is known, nor anything that it comes from. */
function isForeign({ facts, ancestry }: Target, developer: string | undefined): boolean {
  if (developer === undefined) return false
  const known = [facts.developer, ...ancestry.ancestors.map((ancestor) => ancestor.developer)]
  return !known.some((one) => one !== undefined && foldText(one) === foldText(developer))
}
