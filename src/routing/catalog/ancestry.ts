import type { Ancestor, Ancestry } from '#src/core/facts.ts'
import { foldModel, foldText } from '#src/core/fold.ts'
import type { Identifier } from './identity.ts'
import { rows } from './identity.ts'

interface Step {
  readonly ancestor: Ancestor
  /** undefined: where it comes from is unknown. */
  readonly parents: readonly string[] | undefined
}

/**
 * The walk over the lineage graph. An entry is found by its folded name in the graph, else by the rules that say who made a model; one that neither
 * knows, or whose own origin is unknown, makes the ancestry incomplete.
 */
export function createAncestry(
  graph: string,
  identifier: Identifier,
): (lineage: readonly string[] | undefined) => Ancestry {
  const steps = stepsOf(graph)
  const stepOf = (name: string): Step => {
    const known = steps.get(foldModel(name)) ?? steps.get(foldText(name))
    const maker = identifier.maker(name)
    // `somebody/llama-3` is not llama-3: the path must not name another maker.
    if (known !== undefined && (maker === 'none' || maker === known.ancestor.developer)) return known
    const { developer, family, lineage } = identifier.listed(name)
    return {
      ancestor: {
        name,
        ...(developer === undefined ? {} : { developer }),
        ...(family === undefined ? {} : { family }),
      },
      parents: lineage,
    }
  }
  return (lineage) => {
    if (lineage === undefined) return { ancestors: [], complete: false }
    const found = new Map<string, Ancestor>()
    const queue = [...lineage]
    let complete = true
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      const step = stepOf(name)
      const key = `${foldModel(step.ancestor.name)} ${step.ancestor.developer ?? name}`
      if (found.has(key)) continue
      found.set(key, step.ancestor)
      if (step.parents === undefined || step.ancestor.developer === undefined) complete = false
      queue.push(...(step.parents ?? []))
    }
    return { ancestors: [...found.values()], complete }
  }
}

function stepsOf(graph: string): ReadonlyMap<string, Step> {
  return new Map(
    rows(graph).map(([name = '', developer = '', family = '', parents = '']) => [
      foldModel(name),
      { ancestor: { name, developer, family }, parents: parents === '' ? [] : parents.split(',') },
    ]),
  )
}
