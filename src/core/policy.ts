import type { Catalog } from './catalog.ts'
import type { Key } from './key.ts'
import type { SelectorField } from './selector.ts'
import type { Target } from './target.ts'

/** Why a rule takes a target out. */
export interface Objection {
  readonly rule: string
  /** `denied`, `region_required`, `developer_unknown`...: stable, for machines. */
  readonly code: string
  /** For people: the operator's reason where there is one, and which fact to declare where. */
  readonly reason: string
  /** `tutti.yaml:31:5`. */
  readonly source: string
  readonly unknown: readonly SelectorField[]
  /** The facts that made the rule act, for people: `its developer is \`deepseek\``. */
  readonly evidence?: readonly string[]
}

/** A rule, compiled once when the file is loaded. Pure: a target and a caller in, an objection or nothing out. */
export interface Rule {
  readonly name: string
  readonly source: string
  /** Whether the rule speaks about this caller; no key: an open gateway. */
  appliesTo(key: Key | undefined): boolean
  judge(target: Target): Objection | undefined
}

/** A rule as the file writes it, checked by its kind's schema. */
export interface RuleInput<Body> {
  readonly name: string
  readonly reason?: string
  readonly body: Body
  /** `allow`: an unknown fact neither matches a deny nor fails a require. */
  readonly unknown?: 'allow'
  readonly subjects?: {
    readonly keys?: readonly string[]
    readonly tenants?: readonly string[]
    readonly tags?: readonly string[]
  }
  readonly source: string
}

/** One kind of rule: its folder under policies/ gives one of these. */
export interface RuleKind {
  /** The field of a rule that makes it one of this kind: `deny`, `require`. */
  readonly field: string
  compile(input: RuleInput<unknown>, catalog: Catalog): Rule
}
