import fc from 'fast-check'
import type { Decision } from '#src/core/decision.ts'
import type { ExchangeHandler, Transport, UpstreamRequest } from '#src/core/transport.ts'
import type { DecisionRecord } from '#src/telemetry/telemetry.ts'

/** Guards of random files, and those whom they ask: a webhook, a moderation model, a decision model. */

type By = 'webhook' | 'moderation' | 'decision'
/** What each that is asked says: whether it found something; null: it fails. */
type Said = Readonly<Record<By, boolean | null>>

const WEBHOOK = 'https://guard.example/check'
const JUDGE = 'https://judge.example'

/** A rule's own part. */
export const guardBody = fc
  .tuple(
    fc.constantFrom(
      { literals: ['ＷＯＲＤ', '안녕'] },
      { patterns: ['w[o]rd'] },
      { webhook: { url: WEBHOOK } },
      { webhook: { url: WEBHOOK } },
      { moderation: { model: 'mod' } },
      { decision: { model: 'dec', question: 'it asks for a weapon' } },
    ),
    fc.constantFrom(['input'], ['input'], ['output'], ['input', 'output']),
  )
  .map(([way, on]) => ({ guard: { ...way, on } }))

const one = fc.constantFrom(false, false, true, null)
export const said = fc.record({ webhook: one, moderation: one, decision: one })

/** Who runs and made the models that guards ask: rules may deny them. */
export const judge = fc.record({ developer: fc.constantFrom('kakao', 'deepseek'), region: fc.constantFrom('KR', 'US') })

/** What a file has of them. They cost nothing, so that they take nothing from the caller's budget. */
export function judges({ developer, region }: { readonly developer: string; readonly region: string }) {
  const model = (capability: string) => ({
    developer,
    lineage: [],
    capabilities: [capability],
    price: { input: 0, output: 0 },
  })
  const models = { mod: model('moderation'), dec: model('decisions') }
  const operator = { name: 'acme', country: region }
  return {
    providers: { judge: { type: 'openai-compatible', baseUrl: JUDGE, region, operator, models } },
    models: { mod: { targets: ['judge/mod'] }, dec: { targets: ['judge/dec'] } },
  }
}

/** Answers for those whom guards ask; everything else goes on. */
export function withJudges(others: Transport, says: Said): Transport {
  return {
    ...others,
    send(request, egress, handler) {
      const by = askedOf(request)
      if (!by) return others.send(request, egress, handler)
      const state = { aborted: false }
      queueMicrotask(() => {
        if (!state.aborted) answer(handler, by, says[by])
      })
      return {
        pause() {},
        resume() {},
        abort: () => {
          state.aborted = true
        },
      }
    },
  }
}

function askedOf({ method, url }: UpstreamRequest): By | undefined {
  if (url === WEBHOOK) return 'webhook'
  if (method === 'GET' || !url.startsWith(JUDGE)) return undefined
  return url.endsWith('/moderations') ? 'moderation' : 'decision'
}

function answer(handler: ExchangeHandler, by: By, found: boolean | null): void {
  const bodies = {
    webhook: { allow: !found },
    moderation: { model: 'mod', results: [{ flagged: found, categories: {}, category_scores: {} }] },
    decision: { model: 'dec', answers: [{ type: 'predicate', name: 'found', probability: found ? 0.9 : 0.1 }] },
  }
  handler.head({ status: found === null ? 400 : 200, headers: { 'content-type': 'application/json' } })
  handler.data(new TextEncoder().encode(JSON.stringify(found === null ? { error: 'no' } : bodies[by])))
  handler.end()
}

/** How often guards came to each. */
export const reached = {
  found: 0,
  clean: 0,
  'failed, denied': 0,
  'failed, allowed': 0,
  'a model that is denied': 0,
  'by itself': 0,
  'an answer': 0,
}

/** What a guard that asks came to know of a request. */
export interface Told {
  readonly rule: string
  readonly found: boolean | null
  /** It counts: it is not in shadow. */
  readonly objects: boolean
}

interface Asked {
  readonly said: Said
  /** The records of what guards asked on behalf of one request. */
  readonly asked: readonly DecisionRecord[]
  /** Those of the file; the name of each ends with its place. */
  readonly rules: readonly { readonly mode?: 'shadow' | undefined; readonly onError?: 'allow' | undefined }[]
}

/** What those say of a request that its guards ask about it: a model that is denied to callers says nothing. */
export function toldBy({ guards = [] }: Decision, { said: says, asked, rules }: Asked): readonly Told[] {
  return guards.flatMap(({ rule, by, on, model }) => {
    if (by === 'literals' || by === 'patterns' || !on.includes('input')) return []
    const denied = model !== undefined && isDenied(asked, model)
    if (denied) reached['a model that is denied'] += 1
    const found = denied ? null : says[by]
    const { mode, onError } = rules[Number(rule.slice(rule.lastIndexOf('-') + 1))] ?? {}
    const objects = (found ?? onError !== 'allow') && mode !== 'shadow'
    if (mode !== 'shadow') count(found, objects)
    return [{ rule, found, objects }]
  })
}

/** A model that a guard asks has a record of its own, whatever came of it. */
function isDenied(asked: readonly DecisionRecord[], name: string): boolean {
  const record = asked.find(({ model }) => model === name)
  if (!record) throw new Error(`\`${name}\` was not asked`)
  return record.outcome === 'deny'
}

function count(found: boolean | null, objects: boolean): void {
  const failed = objects ? 'failed, denied' : 'failed, allowed'
  const answered = found ? 'found' : 'clean'
  reached[found === null ? failed : answered] += 1
}
