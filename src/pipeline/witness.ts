import type { UpstreamFailure } from '#src/core/adapter.ts'
import type { Shadow } from '#src/core/decision.ts'
import { failure } from '#src/core/failure.ts'
import { foldModel } from '#src/core/fold.ts'
import { headerText } from '#src/core/header.ts'
import type { Objection } from '#src/core/policy.ts'
import type { Served } from '#src/core/served.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Target } from '#src/core/target.ts'
import { judgeServed, verify } from '#src/routing/judge.ts'
import type { Call } from './call.ts'
import { askedNow } from './judge-again.ts'
import type { Progress } from './progress.ts'

/**
 * What is wrong with who answers (law 1): the model that the upstream names is one that a rule denies, or not the one that a rule expects.
 * `begun`: content is there, so that who has not been named by now has not been named. undefined: nothing is wrong.
 */
export type Witness = (served: Served, begun: boolean) => UpstreamFailure | undefined

/** The witness of one attempt, by the rules of the newest configuration; undefined: there is no rule. */
export function createWitness(call: Call, target: Target): Witness | undefined {
  const { snapshot } = call.gateway
  if (snapshot.rules.length === 0) return undefined
  const asked = askedNow(call)
  return (said, begun) => {
    const [model, operator] = [cut(said.model), cut(said.operator)]
    if (model === undefined && !begun) return undefined
    const served = model === undefined ? undefined : servedBy(snapshot, target, { model, operator })
    const rulings = [
      ...(served && served !== target ? [judgeServed(snapshot, asked, served)] : []),
      verify(snapshot, asked, { expected: target, served }),
    ]
    note(
      call.shadow,
      rulings.flatMap(({ shadow }) => shadow),
    )
    const [objection] = rulings.flatMap(({ objections }) => objections)
    return objection && foul(objection, model)
  }
}

/** Characters of a name that are judged: who has answered is kept, and an upstream can make up names without end. */
const JUDGED = 1024

/** The beginning of a name, as a text of its own: a part of a text keeps all of it in memory. */
function cut(name: string | undefined): string | undefined {
  if (name === undefined || name.length <= JUDGED) return name
  return new TextDecoder().decode(new TextEncoder().encode(name.slice(0, JUDGED)))
}

/** Each rule in shadow is noted once an answer. */
function note(noted: Shadow[], objections: readonly Objection[]): void {
  for (const { rule, code, reason, source } of objections)
    if (!noted.some((before) => before.rule === rule)) noted.push({ rule, code, reason, source })
}

/** Who says that it answered; the very target that was asked where it says so itself, in whatever spelling. */
function servedBy(snapshot: Snapshot, target: Target, { model, operator }: Served & { model: string }): Target {
  const same = model === target.model || foldModel(model) === foldModel(target.model)
  if (same && operator === undefined) return target
  return snapshot.servedOf(target.provider, { model: same ? target.model : model, operator })
}

/** The witness is asked where something new was said, and once more when content comes. */
export function witnessed(
  witness: Witness | undefined,
  before: Progress,
  after: Progress,
): UpstreamFailure | undefined {
  if (!witness) return undefined
  const news = after.model !== before.model || after.operator !== before.operator
  if (!news && after.content === before.content) return undefined
  return witness(after, after.content)
}

/** Longest name of an upstream's that is repeated to others. */
const MAX_NAME = 200

function foul({ rule, reason }: Objection, model: string | undefined): UpstreamFailure {
  const named = model === undefined ? undefined : headerText(model).slice(0, MAX_NAME)
  const message =
    named === undefined ? 'the upstream does not say who answered' : `the upstream answered as \`${named}\``
  const details = { rule, reason, ...(named !== undefined && { served_as: named }) }
  return {
    failure: failure('served_model_mismatch', `${message}: ${reason}`, { details }),
    retry: 'next',
    why: `served_model_mismatch ${rule}`,
  }
}
