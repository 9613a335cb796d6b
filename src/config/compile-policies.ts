import { isObject, type Json } from '#src/core/json.ts'
import type { PresetRule, Rule, RuleInput } from '#src/core/policy.ts'
import { checkSubjects, type Subjects } from './check-subjects.ts'
import { MEANS } from './means.ts'
import { type Context, isList, salvage } from './context.ts'
import { didYouMean } from './nearest.ts'
import type { Path } from './problem.ts'
import { type PolicyFile, policySchema } from './schema-policy.ts'
import { termsOf, together } from './terms.ts'

const BINDS_NOBODY = 'the rule would bind nobody'

/** The rules of the file, compiled by their kinds; every fault is reported. */
export function compilePolicies(value: Json | undefined, subjects: Subjects, context: Context): readonly Rule[] {
  const rules: Rule[] = []
  const names = new Set<string>()
  const presets = new Set<string>()
  const always: Sets['always'] = new Map()
  for (const [index, item] of (isList(value) ? value : []).entries()) {
    const file = salvage(policySchema, item)
    const path = ['policies', index]
    if (file === undefined || !isObject(item)) continue
    if (file.preset !== undefined) {
      checkSubjects(file.subjects, [...path, 'subjects'], { known: subjects, context, mend: BINDS_NOBODY })
      rules.push(...compilePreset(file, { path, item, context, names, presets }))
      continue
    }
    checkName(file, { path, names, item, context })
    checkSubjects(file.subjects, [...path, 'subjects'], { known: subjects, context, mend: BINDS_NOBODY })
    const rule = compileRule(file, { path, item, context })
    if (rule !== undefined) rules.push(rule)
    if (rule?.sets && isUnconditional(file)) checkConflict(rule, { path, context, always })
  }
  return rules
}

/** Whether a rule speaks about every request of everybody. */
function isUnconditional({ when, schedule, client, subjects, mode }: PolicyFile): boolean {
  return (when ?? schedule ?? client ?? subjects) === undefined && mode !== 'shadow'
}

interface Sets {
  readonly path: Path
  readonly context: Context
  /** What rules that always speak set so far. */
  readonly always: Map<string, { readonly rule: string; readonly value: string }>
}

/** Two rules that always speak and set one thing to two values would refuse every request. */
function checkConflict({ name, sets }: Rule, { path, context: { report }, always }: Sets): void {
  for (const [setting, value] of Object.entries(sets ?? {})) {
    const own = { rule: name, value: JSON.stringify(value) }
    const before = always.get(setting)
    always.set(setting, own)
    if (!before || before.value === own.value) continue
    const message = `\`${before.rule}\` sets \`${setting}\` to \`${before.value}\`, and both rules always speak`
    report.error({
      path: [...path, 'set', setting],
      message,
      mend: 'remove one, or give them a `when`, a `schedule`, a `client` or `subjects`',
    })
  }
}

interface Place {
  readonly path: Path
  /** The rule as the file writes it, before anything wrong was left out. */
  readonly item: { readonly [name: string]: Json | undefined }
  readonly context: Context
}

function checkName(file: PolicyFile, { path, names, context }: Place & { readonly names: Set<string> }): void {
  const { report } = context
  if (file.name === undefined) {
    return report.error({ path: [...path, 'name'], message: '`name` is missing: a denial names the rule that made it' })
  }
  if (names.has(file.name)) {
    const at = [...path, 'name']
    report.error({ path: at, message: `two rules have the name ${report.shown(at)}`, mend: 'rename one' })
  }
  names.add(file.name)
}

/** What may stand beside `preset`: its rules have their own names and bodies. */
const BESIDE_PRESET: ReadonlySet<string> = new Set([
  'subjects',
  'when',
  'schedule',
  'client',
  'onError',
  'mode',
  'reason',
])

/** `names`: of all rules so far; `presets`: of those that the file has named so far. A rule may have the name of a preset, not of a rule in it. */
interface PresetPlace extends Place {
  readonly names: Set<string>
  readonly presets: Set<string>
}

/** The rules of a preset, each under the preset's name and its own, all with the terms of the one entry. */
function compilePreset(file: PolicyFile, place: PresetPlace): readonly Rule[] {
  const { path, context } = place
  const preset = file.preset ?? ''
  const known = presetOf(preset, place)
  if (known === undefined) return []
  // Compiled once: what is to be said of a condition is said once, however many rules it stands for.
  const terms = termsOf(file, path, context)
  return known.flatMap(({ name, ...body }) => {
    const own = salvage(policySchema, { ...body, name: `${preset}/${name}` })
    const rule = own && { ...own, subjects: file.subjects, reason: file.reason ?? own.reason }
    const compiled = rule && compileBody(rule, { path, item: body, context })
    return compiled && own ? [{ ...compiled, ...together(terms, termsOf(own, path, context)) }] : []
  })
}

/** The rules that a preset's name stands for, where it may stand here; undefined: it has been said why not. */
function presetOf(preset: string, place: PresetPlace): readonly PresetRule[] | undefined {
  const { path, item, context, names, presets } = place
  const { report, options } = context
  const at = [...path, 'preset']
  const known = options.presets?.get(preset)
  if (known === undefined) {
    const all = [...(options.presets?.keys() ?? [])]
    const message = `there is no preset ${report.shown(at)}${didYouMean(preset, new Set(all))}`
    report.error({ path: at, message, mend: `there are ${quoted(all)}` })
    return undefined
  }
  const extra = Object.keys(item).find((field) => field !== 'preset' && !BESIDE_PRESET.has(field))
  if (extra !== undefined) {
    const message = `\`${extra}\` has no meaning beside \`preset\``
    const mend = `beside \`preset\` stand ${quoted([...BESIDE_PRESET])}`
    report.error({ path: [...path, extra], message, mend, at: 'key' })
    return undefined
  }
  if (presets.has(preset)) {
    report.error({ path: at, message: `the preset ${report.shown(at)} stands twice`, mend: 'write it once' })
    return undefined
  }
  presets.add(preset)
  for (const name of known.map((rule) => `${preset}/${rule.name}`)) {
    if (names.has(name))
      report.error({ path: at, message: `a rule of the preset has the name \`${name}\` too`, mend: 'rename yours' })
    names.add(name)
  }
  return known
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}

function compileRule(file: PolicyFile, place: Place): Rule | undefined {
  // Both are looked at, whatever is wrong with one of them.
  const terms = termsOf(file, place.path, place.context)
  const rule = compileBody(file, place)
  return rule && { ...rule, ...terms }
}

/** The rule as its kind makes it, without its terms. */
function compileBody(file: PolicyFile, { path, item, context }: Place): Rule | undefined {
  const { report, options } = context
  const bodies = [...options.ruleKinds.keys()].filter((field) => Object.hasOwn(item, field))
  const known = [...options.ruleKinds.keys()].map((field) => `\`${field}\``).join(' or ')
  if (bodies.length > 1) {
    const both = bodies.map((field) => `\`${field}\``).join(' and ')
    report.error({ path, message: `a rule has both ${both}`, mend: 'make it two rules, each with a name of its own' })
    return undefined
  }
  const [field] = bodies
  if (field === undefined) {
    report.error({ path, message: 'this rule says nothing', mend: `write ${known}` })
    return undefined
  }
  const body = bodyOf(file, field)
  const kind = options.ruleKinds.get(field)
  if (body === undefined || kind === undefined || file.name === undefined) return undefined
  try {
    return kind.compile(inputOf(file, { name: file.name, body, source: report.place(path) }), options.catalog, MEANS)
  } catch (error) {
    const message = error instanceof Error ? error.message : 'this rule cannot be compiled'
    report.error({ path: [...path, field], message })
    return undefined
  }
}

/** What the kinds of this version read, as the schema left it. */
function bodyOf(
  { deny, require, transfer, prefer, limit, set, redact, guard, label, verifyServed }: PolicyFile,
  field: string,
): unknown {
  return new Map<string, unknown>(
    Object.entries({ deny, require, transfer, prefer, limit, set, redact, guard, label, verifyServed }),
  ).get(field)
}

function inputOf(file: PolicyFile, base: RuleInput<unknown>): RuleInput<unknown> {
  return {
    ...base,
    ...(file.reason === undefined ? {} : { reason: file.reason }),
    ...(file.unknown === undefined ? {} : { unknown: file.unknown }),
    ...(file.subjects === undefined ? {} : { subjects: subjectsOf(file.subjects) }),
  }
}

function subjectsOf({
  keys,
  tenants,
  tags,
}: NonNullable<PolicyFile['subjects']>): NonNullable<RuleInput<unknown>['subjects']> {
  return {
    ...(keys === undefined ? {} : { keys }),
    ...(tenants === undefined ? {} : { tenants }),
    ...(tags === undefined ? {} : { tags }),
  }
}
