import type { Catalog } from './catalog.ts'
import type { Caps, Redacts, Sets } from './changes.ts'
import type { Circumstances } from './circumstances.ts'
import type { Json } from './json.ts'
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
  /** ms since 1970: requests that came before it are not meant. Absent: it stands always. */
  readonly since?: number
  /** The facts that made the rule act, for people: `its developer is \`deepseek\``. */
  readonly evidence?: readonly string[]
}

/** What a rule asks of one request. Throws where it cannot say: a member of the metadata that is not there, a country that nobody knows. */
export type Condition = (circumstances: Circumstances) => boolean

/** What any rule may carry, whatever its kind: it is the same for all of them, and no kind knows of it. */
export interface RuleTerms {
  /** The rule speaks about the requests of which this is true: its `when`, `schedule` and `client` together; absent: about every one. */
  readonly when?: Condition
  /** Its `when` asks for personal data: the request's texts must be looked through. */
  readonly pii?: true
  /** A rule that breaks or cannot be evaluated is left out; absent: it counts. */
  readonly onError?: 'allow'
  /** The rule takes nothing out: what it would have taken out is shown. */
  readonly mode?: 'shadow'
}

/** A rule, compiled once when the file is loaded. Pure: a target and a caller in, an objection or nothing out. */
export interface Rule extends RuleTerms {
  readonly name: string
  readonly source: string
  /** The operator's own words for whoever is refused, of a rule that refuses requests and not targets. */
  readonly reason?: string
  /** Whether the rule speaks about this caller; no key: an open gateway. */
  appliesTo(key: Key | undefined): boolean
  judge(target: Target): Objection | undefined
  /**
   * What is surely against a target that an upstream says has answered. What nobody knows of it is not, and its name alone is not one that an
   * allow-list misses: the same model goes by several.
   */
  judgeServed?(served: Target): Objection | undefined
  /** What is against somebody whom an upstream may ask in its turn. That it is not the operator that was asked is not. */
  judgeRelayed?(relayed: Target): Objection | undefined
  /** What is against a host that a tool of the request has called: by what is known of the place, for which model answers there nobody knows. */
  judgeCalled?(called: Target): Objection | undefined
  /** Of a rule that changes requests: the most that one may ask for, and what is written into it. */
  readonly caps?: Caps
  readonly sets?: Sets
  /** What no request, or no answer, may hold. */
  readonly guard?: Guard
  /** What people are told of answers. */
  readonly label?: { readonly notice?: string }
  /** And what is taken out of it. */
  readonly redacts?: Redacts
  /** Of a rule about answers: what is wrong with this one. `served`: who says that it answered; undefined: nobody says so. */
  verify?(expected: Target, served: Target | undefined): Objection | undefined
  /** Of a rule about transfers: on which basis it permits one abroad to a request that comes at that time, ms since 1970. */
  basis?(target: Target, now: number): string | undefined
  /** Of a rule that only orders, and objects to nothing: whether it puts this target before others. */
  prefers?(target: Target): boolean
}

/** What a rule looks for in the texts of requests and answers: by itself, or by asking somebody. */
export type Guard = Looking | Asking

interface Guarding {
  /** Of its name and all that it looks for: what was found is kept under it. */
  readonly id: string
  /** Whose texts it looks through. */
  readonly input: boolean
  readonly output: boolean
}

/** Looks by itself. Pure. */
export interface Looking extends Guarding {
  readonly by: 'literals' | 'patterns'
  /** UTF-16 units of the longest word; of patterns nobody knows it. */
  readonly longest?: number
  /** Whether a text, as `guardedText` gives it, holds it. */
  finds(text: string): boolean
}

/** Has somebody asked, who must answer within `timeoutMs`. */
export type Asking = Guarding & { readonly timeoutMs: number } & (
    | {
        readonly by: 'webhook'
        readonly url: string
        /** Signs what is sent. */
        readonly secret?: string
        /** A private address is meant. */
        readonly local: boolean
      }
    /** `threshold`: of what from 0 to 1 a score counts; absent: what the model itself calls flagged. No categories: all of them. */
    | {
        readonly by: 'moderation'
        readonly model: string
        readonly categories?: readonly string[]
        readonly threshold?: number
      }
    /** A question that is answered by how probably it is so. */
    | { readonly by: 'decision'; readonly model: string; readonly question: string; readonly threshold: number }
  )

/** What a kind may not bring along itself. */
export interface Means {
  /** A pattern in RE2's syntax as a search in linear time. Throws TypeError for what is none. */
  pattern(text: string): (searched: string) => boolean
  /** A short name of a text: the same for the same text. */
  id(text: string): string
  /** An address to which texts are sent, as it is written in requests. Throws TypeError: it is none, is private without `local`, or is in the clear. */
  url(text: string, local: boolean): string
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

/** A rule of a preset: `{ name, deny }` or `{ name, require }`, as a file would write it. */
export type PresetRule = { readonly name: string } & { readonly [field: string]: Json }

/** One kind of rule: its folder under policies/ gives one of these. */
export interface RuleKind {
  /** The field of a rule that makes it one of this kind: `deny`, `require`. */
  readonly field: string
  compile(input: RuleInput<unknown>, catalog: Catalog, means: Means): Rule
}
