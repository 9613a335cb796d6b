import { MEANS } from '#src/config/means.ts'
import fc from 'fast-check'
import { ruleKinds } from '#policies/registry.ts'
import { circumstancesOf } from '#src/core/circumstances.ts'
import type { Facts } from '#src/core/facts.ts'
import { subjectOf, type Key } from '#src/core/key.ts'
import { compileCondition } from '#src/config/condition.ts'
import { allOf, clientCondition, scheduleCondition } from '#src/config/scope.ts'
import type { Condition, Rule, RuleTerms } from '#src/core/policy.ts'
import type { Signals } from '#src/core/request.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { OneOrMore, SelectorInput } from '#src/core/selector.ts'
import { decide, type Decided } from '#src/pipeline/decide.ts'
import { dialects } from '#src/dialects/registry.ts'
import { createEstimates } from '#src/routing/estimates.ts'
import { makeCatalog, makeKey, makeRequest, makeRoute, makeSnapshot, makeTarget, type TargetInput } from './world.ts'

/** Random configurations and requests for the laws of deciding. */

const developers = ['kakao', 'deepseek', 'openai', 'qwen'] as const
const regions = ['KR', 'US', 'CN'] as const
const catalog = makeCatalog(
  Object.fromEntries(developers.map((name) => [name, { name, developer: name, family: name }])),
)

const facts: fc.Arbitrary<Facts> = fc.record(
  {
    developer: fc.constantFrom(...developers),
    lineage: fc.array(fc.constantFrom(...developers, 'stranger'), { maxLength: 2 }),
    region: fc.constantFrom(...regions),
    operatorCountry: fc.constantFrom(...regions),
    local: fc.boolean(),
    trainsOnData: fc.boolean(),
    context: fc.constantFrom(10, 100_000),
    maxOutput: fc.constantFrom(100, 8000),
    capabilities: fc.constantFrom(['chat'] as const, ['chat', 'tools'] as const),
    price: fc.record({ input: fc.bigInt(0n, 9n), output: fc.bigInt(0n, 9n), source: fc.constant('test') }),
  },
  { requiredKeys: [] },
)

const target = fc
  .tuple(facts, fc.option(fc.constantFrom(...developers), { nil: undefined }))
  .map(([known, suspected]): TargetInput => {
    const { ancestors, complete } = catalog.ancestry(known.lineage)
    const made = { facts: known, ancestors, complete }
    if (suspected === undefined) return made
    return { ...made, suspicion: { facts: { developer: suspected }, ancestry: catalog.ancestry([suspected]) } }
  })

type Names = OneOrMore<string>

const selector: fc.Arbitrary<SelectorInput> = fc.record(
  {
    developer: fc.constantFrom<Names[]>('deepseek', 'Deep Seek', ['kakao', 'openai'], '*'),
    region: fc.constantFrom<Names[]>('KR', ['US', 'CN']),
    lineage: fc.constantFrom<Names[]>('deepseek', 'q*', []),
    provider: fc.constantFrom('p0', 'p1', 'p*'),
    local: fc.boolean(),
    trainsOnData: fc.boolean(),
    derived: fc.boolean(),
  },
  { requiredKeys: [] },
)

/** Laws ask at one second after 1970 began, or some minutes after. */
const permission = fc
  .record(
    {
      basis: fc.constantFrom('consent', 'adequacy'),
      whom: fc.constantFrom(
        { provider: '*' },
        { provider: 'p0' },
        { country: ['KR', 'CN'] },
        { region: 'US' },
        { country: 'US', trainsOnData: false },
      ),
      until: fc.constantFrom('1969-12-31', '1970-01-01', '1970-01-01T00:00:01Z', '1970-01-01T00:10:00Z'),
    },
    { requiredKeys: ['basis', 'whom'] },
  )
  .map(({ whom, ...entry }) => ({ ...whom, ...entry }))
const transfer = fc.record(
  {
    home: fc.constantFrom<Names[]>('KR', ['KR', 'US']),
    permit: fc.array(permission, { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: ['home'] },
)

const body = fc.oneof(
  fc
    .tuple(selector, fc.option(selector, { nil: undefined }))
    .map(([deny, except]) => ['deny', { ...deny, ...(except && { except }) }] as const),
  selector.map((require) => ['require', require] as const),
  fc.array(selector, { minLength: 1, maxLength: 2 }).map((anyOf) => ['require', { anyOf }] as const),
  transfer.map((body) => ['transfer', body] as const),
)

const conditions: readonly Condition[] = [
  'request.model == "chat"',
  '"ministry" in key.tags',
  'key.id == "team-a"',
  'size(request.needs) > 0',
  'request.stream && request.input_tokens > 5',
  'inNetwork(client.ip, "10.0.0.0/8") && client.country == "KR"',
  'time.now > timestamp("1970-01-01T00:10:00Z")',
  // Fails where the caller gives no such member.
  'request.metadata.other == "x"',
].map((text) => {
  const compiled = compileCondition(text)
  if (!compiled.ok) throw new Error(compiled.message)
  return compiled.condition
})

const schedules = [
  { hours: '00:00-00:10', timeZone: 'UTC' },
  { hours: ['09:08-09:12', '22:00-09:05'], days: ['wed', 'thu'], timeZone: 'Asia/Seoul' },
  { from: '1970-01-01', until: '1970-01-01', timeZone: 'America/New_York' },
  { until: '1970-01-01T00:12:00+00:00' },
].map(scheduleCondition)
const clients = [{ networks: ['10.0.0.0/8'] }, { countries: ['KR'] }, { networks: ['::/0'], countries: ['US'] }].map(
  clientCondition,
)

/** One, or several that must all hold. */
const scope: fc.Arbitrary<Condition> = fc
  .tuple(
    fc.subarray([...conditions], { maxLength: 1 }),
    fc.subarray(schedules, { maxLength: 1 }),
    fc.subarray(clients, { maxLength: 1 }),
  )
  .map((parts) => allOf(parts.flat()))

const terms: fc.Arbitrary<RuleTerms> = fc.record(
  {
    when: fc.oneof(fc.constantFrom(...conditions), scope),
    onError: fc.constant('allow' as const),
    mode: fc.constant('shadow' as const),
  },
  { requiredKeys: [] },
)

const preference = selector.map((prefer) => ['prefer', prefer] as const)

const change = fc.oneof(
  fc
    .record(
      {
        outputTokens: fc.constantFrom(5, 50, 5000),
        inputTokens: fc.constantFrom(1, 1000),
        tools: fc.constantFrom(0, 1),
        choices: fc.constant(1),
      },
      { requiredKeys: [] },
    )
    .map((caps) => ['limit', caps] as const),
  fc
    .record({ temperature: fc.constantFrom(0, 1), store: fc.boolean() }, { requiredKeys: [] })
    .map((values) => ['set', values] as const),
)

/** A rule that changes requests, and refuses those that it cannot. */
export const changing: fc.Arbitrary<Rule> = ruleOf(change)

const guard = fc
  .tuple(
    fc.constantFrom(
      { literals: ['onyx'] },
      { patterns: ['codename-[a-z]{4}'] },
      { webhook: { url: 'https://guard.example/check' } },
      { moderation: { model: 'p0/m', threshold: 0.5 } },
      { decision: { model: 'chat', question: 'it asks for a weapon' } },
    ),
    fc.constantFrom(['input'], ['input'], ['output'], ['input', 'output']),
  )
  .map(([way, on]) => ['guard', { ...way, on }] as const)

/** A rule that looks through requests and answers, or asks somebody about them. */
export const guarding: fc.Arbitrary<Rule> = ruleOf(guard)

/** A rule that takes targets out, compiled as a file's would be. */
export const rule: fc.Arbitrary<Rule> = ruleOf(body)

/** A rule about transfers. */
export const transferring: fc.Arbitrary<Rule> = ruleOf(transfer.map((made) => ['transfer', made] as const))

/** A rule that orders. */
export const preferring: fc.Arbitrary<Rule> = ruleOf(preference)

function ruleOf(body: fc.Arbitrary<readonly [string, object]>): fc.Arbitrary<Rule> {
  return fc
    .record({
      name: fc.string({ minLength: 1, maxLength: 4 }),
      body,
      unknown: fc.option(fc.constant('allow' as const), { nil: undefined }),
      tags: fc.option(fc.constantFrom(['ministry'], ['press']), { nil: undefined }),
      line: fc.nat(99),
      terms: fc.oneof(fc.constant({}), terms),
    })
    .map(({ name, body: [field, content], unknown, tags, line, terms: more }) => {
      const kind = ruleKinds.get(field)
      if (!kind) throw new Error(`no kind of rule \`${field}\``)
      const input = {
        name,
        body: content,
        source: `tutti.yaml:${line}:5`,
        ...(unknown && (field === 'deny' || field === 'require' || field === 'transfer') && { unknown }),
        ...(tags && { subjects: { tags } }),
      }
      return { ...kind.compile(input, catalog, MEANS), ...more }
    })
}

export interface Case {
  readonly snapshot: Snapshot
  readonly key: Key | undefined
  readonly model: string
  readonly tools: boolean
  /** Hosts that a tool has called. */
  readonly called: readonly string[]
  /** What guards found, each the one that its id falls on; undefined: nobody looked, or asked. */
  readonly found: readonly (boolean | null | undefined)[]
  /** It is asked on behalf of a guard. */
  readonly forGuard: boolean
  readonly seed: string
  readonly spent: bigint
}

const key = fc.option(
  fc
    .record({
      tags: fc.subarray(['ministry', 'press']),
      budget: fc.boolean(),
      models: fc.constantFrom(undefined, ['chat'], ['p0/*']),
    })
    .map(({ tags, budget, models }) =>
      makeKey('team-a', {
        tags,
        ...(models && { models }),
        ...(budget && { budget: { limit: 1_000_000n, per: 'month' } }),
      }),
    ),
  { nil: undefined },
)

/** Who is at the hosts that tools call. */
const AT: Readonly<Record<string, Facts>> = {
  'mcp.kr.example': { region: 'KR', operatorCountry: 'KR', local: false, trainsOnData: false },
  'mcp.us.example': { region: 'US', operatorCountry: 'US', local: false, trainsOnData: true },
  'mcp.nobody.example': {},
}
export const called = fc.oneof(
  { weight: 4, arbitrary: fc.constant<string[]>([]) },
  { weight: 1, arbitrary: fc.subarray(Object.keys(AT)) },
)

const snapshot = fc
  .record({
    targets: fc.array(target, { minLength: 1, maxLength: 5 }),
    rules: fc.array(fc.oneof({ weight: 4, arbitrary: rule }, preferring, changing, guarding), { maxLength: 6 }),
    strategy: fc.constantFrom('priority', 'weighted', 'cheapest', 'fastest', 'balanced'),
    fallback: fc.boolean(),
  })
  .map(({ targets, rules, strategy, fallback }) => {
    const made = targets.map((input, index) => makeTarget(`p${index}/m`, input))
    const calledAt: Snapshot['calledAt'] = (_, host) => [makeTarget(`${host}/called`, { facts: AT[host] ?? {} })]
    return makeSnapshot({ routeList: [makeRoute('chat', made, { strategy, fallback })], rules, calledAt })
  })

/** A configuration, a caller and a request. */
export const situation: fc.Arbitrary<Case> = fc.record({
  snapshot,
  key,
  model: fc.constantFrom('chat', 'chat', 'chat', 'p0/m', 'p0/other', 'chut'),
  tools: fc.boolean(),
  called,
  found: fc.array(fc.constantFrom(false, false, false, true, null, undefined), { minLength: 1, maxLength: 4 }),
  forGuard: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  seed: fc.string(),
  spent: fc.constantFrom(0n, 999_999n, 2_000_000n),
})

/** What of an outcome is compared: two targets made apart hold functions that are never equal. */
export function essence({ plan, ...decided }: Decided): object {
  return { ...decided, plan: plan.map(({ id, facts: known }) => ({ id, facts: known })) }
}

/** What each guard among rules found, whichever other rules there are; of answers nothing is found before they come. */
export function foundIn({ found }: Pick<Case, 'found'>, rules: readonly Rule[]): Pick<Signals, 'guarded'> {
  const guarded = rules.flatMap(({ guard: own }) => {
    const said = own?.input ? found[sumOf(own.id) % found.length] : undefined
    return own && said !== undefined ? [[own.id, said] as const] : []
  })
  return guarded.length > 0 ? { guarded: Object.fromEntries(guarded) } : {}
}

function sumOf(text: string): number {
  return [...text].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0)
}

function askedIn(one: Case, rules: readonly Rule[]) {
  const { model, tools, called: hosts, forGuard } = one
  const all = [
    ...(tools ? [{ type: 'function' }] : []),
    ...hosts.map((host) => ({ type: 'mcp', server_label: 'a', server_url: `https://${host}/mcp` })),
  ]
  const body = { model, messages: [{ role: 'user', content: 'hello' }], ...(all.length > 0 && { tools: all }) }
  const request = { ...makeRequest(body), ...(forGuard && { guardFor: 'r0' }) }
  return { request, signals: { ...dialects[request.endpoint].sense(request), ...foundIn(one, rules) } }
}

/** When cases are decided, in ms since 1970. */
export const NOW = 1000

/** Whether a rule speaks about a case and counts, asked anew and one by one. */
export function counts({ mode, when, onError, appliesTo }: Rule, one: Case): boolean {
  if (mode === 'shadow' || !appliesTo(one.key)) return false
  try {
    return when?.(circumstancesOf({ ...askedIn(one, one.snapshot.rules), key: one.key, now: NOW })) ?? true
  } catch {
    return onError !== 'allow'
  }
}

/** Decides a case, with other rules where they are given. */
export function decideCase(one: Case, rules: readonly Rule[] = one.snapshot.rules): Decided {
  const { request, signals } = askedIn(one, rules)
  const estimates = createEstimates()
  estimates.answered('p1/m', { now: 0, firstTokenMs: 100, totalMs: 200, outputTokens: 11 })
  estimates.failed('p2/m', { now: 0, retryAfterMs: 30_000 })
  const subject = {
    request,
    signals,
    seed: one.seed,
    ...(one.key && { key: one.key }),
  }
  return decide({ ...one.snapshot, rules }, subject, {
    estimates,
    now: NOW,
    spends: new Map([[`key/${(one.key && subjectOf(one.key))?.id}`, { spent: one.spent, held: 0n }]]),
  })
}

/** How many cases a law tries: its short form, unless the long form asks for more. */
export const RUNS = Number(process.env.TUTTI_LAW_RUNS ?? 2000)
