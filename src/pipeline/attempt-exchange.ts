import { billOf } from '#src/accounting/bill.ts'
import type { Account, Encoded } from '#src/core/adapter.ts'
import type { CostNote } from '#src/core/dialect.ts'
import { failure } from '#src/core/failure.ts'
import { headerText } from '#src/core/header.ts'
import { editJson } from '#src/core/json-scan.ts'
import { formatUsd } from '#src/core/money.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { holdsForeign } from '#src/core/signature.ts'
import type { Target } from '#src/core/target.ts'
import type { Egress } from '#src/core/transport.ts'
import type { Bill, Usage } from '#src/core/usage.ts'
import { failedBy, type AttemptResult } from './attempt-result.ts'
import { guardsAnswers, type GuardRule } from '#src/routing/guarding.ts'
import { judge } from '#src/routing/judge.ts'
import { cachedAt, isCacheable, keepNoted, noting, placeOf } from './cache.ts'
import { markedConversation, markedRequest } from './cache-marks.ts'
import { behind, type Call } from './call.ts'
import { askedNow } from './judge-again.ts'
import type { Resumed } from './memory.ts'
import type { Decided } from './decide.ts'
import { runExchange, type ExchangeInput } from './exchange.ts'
import type { Spoken } from './speech.ts'
import type { StreamRules } from './stream-reducer.ts'
import { forAccount, textsOf } from './thoughts.ts'
import { createWatch, type Watch } from './watch.ts'
import { createWitness } from './witness.ts'

/** Sends the request to one target in its own words; what it answers goes to the caller as it comes, or once its guards have looked at it. */
export async function exchange(call: Call, target: Target, account: Account): Promise<AttemptResult> {
  try {
    if (call.speech(target).kind === 'estimated') return estimated(call)
    const input = exchangeInput(call, target, account)
    if (!isCacheable(call)) return await watched(call, await runExchange(input), input.rules.watch)
    const place = placeOf(call, { target, account, ...input.encoded })
    const { transport, noted } = noting(input.transport)
    const result = await watched(call, await runExchange({ ...input, transport }), input.rules.watch)
    if (result.kind === 'answered') await behind(call, keepNoted(call, place, noted()))
    return result
  } catch (cause) {
    // An adapter that throws must not leave its hold behind.
    const why = failure('internal_error', 'the request could not be written for its target', { cause })
    return { ...failedBy({ failure: why, retry: 'next' }), generatedBytes: 0, nothing: true }
  }
}

/** As `exchange`, by an answer that is kept: everything is done with it that is done with one that has just come. undefined: there is none. */
export async function recall(call: Call, target: Target, account: Account): Promise<AttemptResult | undefined> {
  if (!isCacheable(call) || call.request.cacheControl?.includes('no-cache')) return undefined
  const { snapshot } = call.gateway
  try {
    const input = exchangeInput(call, target, account)
    // The cache is asked for it, and nobody else.
    call.marks.splice(0)
    const transport = await cachedAt(call, await placeOf(call, { target, account, ...input.encoded }))
    if (!transport || call.gateway.snapshot !== snapshot) return undefined
    call.cache = 'hit'
    const result = await watched(call, await runExchange({ ...input, transport }), input.rules.watch)
    if (result.kind !== 'failed' || call.reply.committed) return result
  } catch {
    // Nobody is to go without an answer because of one that is kept.
  }
  call.cache = 'miss'
  return undefined
}

/** A whole answer, unless a guard has something against it. */
async function watched(call: Call, result: AttemptResult, watch: Watch | undefined): Promise<AttemptResult> {
  if (!watch || result.kind !== 'answered') return result
  const foul = await watch.verdict()
  const stopped = call.stopped ?? foul
  if (!stopped) return result
  return { ...result, ...(stopped === 'gone' ? ({ kind: 'gone' } as const) : failedBy(stopped)) }
}

/** Nothing is sent, so nothing is owed. */
function estimated({ dialect, signals, warnings }: Call): AttemptResult {
  warnings.add('the count is an estimate: the provider does not count')
  return { kind: 'answered', rest: dialect.estimate?.(signals) ?? '{}', generatedBytes: 0, nothing: true }
}

function exchangeInput(call: Call, target: Target, account: Account): ExchangeInput {
  const { request, dialect, decided, gateway, change } = call
  const redactor = change.redactor?.readsAnswers ? change.redactor : undefined
  const { adapter, egress } = target.provider
  const watching = watchingNow(call)
  const { encoded: unaddressed, between, listener } = speak(call, { target, account }, watching.length > 0)
  const encoded = told(call, target, unaddressed)
  const witness = createWitness(call, target)
  // The rules refuse such a request; were one to come here, nothing of its answer could be looked into.
  const unread = request.stream && !between
  const strict = watching.some(({ mode, onError }) => mode !== 'shadow' && onError !== 'allow')
  if (unread && (redactor || (strict && !listener))) throw new RangeError(`the stream of ${target.id} cannot be read`)
  const watch = watching.length === 0 || (unread && !listener) ? undefined : createWatch(call, target, watching)
  for (const warning of encoded.warnings) call.warnings.add(warning)
  const note = (usage: Usage | undefined, generatedBytes: number): CostNote => ({
    bill: billOfUsage(call, target, { usage, generatedBytes }),
    ...(call.reply.early && { route: routeOf(call, target) }),
  })
  return {
    transport: gateway.ports.transport,
    clock: gateway.ports.clock,
    adapter,
    encoded,
    egress: egressWithin(egress, decided.timeouts.connect),
    limits: limitsOf(call),
    stream: request.stream,
    rules: {
      adapter,
      dialect,
      wantsUsage: request.wantsUsage,
      choices: call.signals.choices,
      priced: (data, usage) => dialect.addCost(data, note(usage, 0)),
      note,
      ...(between && { between }),
      ...(listener && { listener }),
      ...(redactor && { redactor }),
      ...(witness && { witness }),
      ...(watch && { watch }),
    },
    reply: call.reply,
    headers: () => routedHeaders(call, target),
    onStart: (stop) => call.onStop(stop),
    wrote: () => call.heartbeat.wrote(),
  }
}

/** Guards of the newest configuration that look at the answer. */
function watchingNow(call: Call): readonly GuardRule[] {
  return guardsAnswers(call.gateway.snapshot) ? (askedNow(call).terms.watching ?? []) : []
}

/** With what an upstream that sends requests on has to be told by the newest configuration. */
function told(call: Call, target: Target, encoded: Encoded): Encoded {
  const { adapter } = target.provider
  if (!adapter.aggregator || call.gateway.snapshot.rules.length === 0) return encoded
  const { order } = judge(call.gateway.snapshot, askedNow(call), target)
  const { body } = encoded.upstream
  if (!order) return encoded
  if (!adapter.routes?.tell || typeof body !== 'string') throw new RangeError(`${target.id} cannot be told whom to ask`)
  const edits = Object.entries(adapter.routes.tell(order)).map(
    ([key, value]) => ({ op: 'set', key, value: JSON.stringify(value) }) as const,
  )
  return { ...encoded, upstream: { ...encoded.upstream, body: editJson(body, edits) } }
}

/** The request in the target's words, and what has to be done with the answer. */
type Said = { readonly encoded: Encoded } & Pick<StreamRules, 'between' | 'listener'>

/** `heard`: what is answered is listened to, also where it goes on as it comes. */
function speak(call: Call, at: At, heard: boolean): Said {
  const spoken = call.speech(at.target)
  return spoken.kind === 'native' ? asItCame(call, at, heard) : inOtherWords(call, spoken, at)
}

/** What the target gets that speaks the caller's own dialect. */
function asItCame(call: Call, { target, account }: At, heard: boolean): Said {
  const { request, dialect, resumed, kept, change } = call
  const { model, provider } = target
  const { adapter } = provider
  const owner = `${provider.name}/${account.id}`
  const resumes = resumed?.target === target.id && resumed.account === account.id
  const before = resumes ? resumed.original : resumed?.thoughtless
  const asked = before ? change.of(before).request : request
  const codec = dialect.translation?.calls && !dialect.translation.carriesThoughts ? adapter.replays : undefined
  const thoughts = codec && kept && textsOf(kept, owner)
  const encoded = adapter.encode({
    request: markedRequest(call, understoodBy(call, asked, owner), adapter.cacheMark),
    model,
    account,
    askUsage: request.stream && !request.wantsUsage,
    ...(thoughts && { thoughts }),
  })
  const { wire } = dialect.translation ?? {}
  const reader =
    codec ?? (heard ? adapter.codecs?.find((one) => one.wire === wire && (one.serves?.(model) ?? true)) : undefined)
  return { encoded, ...(reader && { listener: { codec: reader, id: attemptId(call), keeps: codec !== undefined } }) }
}

interface At {
  readonly target: Target
  readonly account: Account
}

function inOtherWords(call: Call, spoken: Spoken, { target, account }: At): Said {
  const { request, dialect } = call
  const { model, provider } = target
  const owner = `${provider.name}/${account.id}`
  // A target that cannot be spoken to is in no plan.
  if (spoken.kind !== 'translated' || !dialect.translation) throw new RangeError(`${target.id} cannot be spoken to`)
  const { codec, honoured } = spoken
  const { conversation, left } = forAccount(honoured.conversation, owner, call.resumed && accountOf(call.resumed))
  if (left) call.warnings.add(OF_OTHERS)
  const { maxOutput } = target.facts
  const encoded = codec.encode({
    conversation: markedConversation(call, conversation, codec.support(model)),
    model,
    account,
    stream: request.stream,
    ...(maxOutput !== undefined && { maxOutput }),
  })
  const created = Math.floor(call.startedAt / 1000)
  return {
    encoded: { ...encoded, warnings: [...honoured.warnings, ...encoded.warnings] },
    between: {
      codec,
      translation: dialect.translation,
      context: { request, created },
      id: attemptId(call),
      owner,
      ...(call.change.redactor?.readsAnswers && { filter: call.change.redactor.answers() }),
    },
  }
}

const attemptId = ({ request, sent }: Call): string => `${request.id}-${sent}`

/** `provider/account`, as signatures name it. */
function accountOf({ target, account }: Resumed): string {
  return `${target.slice(0, target.indexOf('/'))}/${account}`
}

const OF_OTHERS = 'thoughts of another account were not sent: only the account that had them understands them'

/** A request of the target's own dialect without what another vendor, or another account as far as is known, has signed. */
function understoodBy({ dialect, kept, warnings }: Call, request: ApiRequest, owner: string): ApiRequest {
  const { memory } = dialect
  if (!memory) return request
  const others = kept ? memory.brought(request).filter((id) => (kept.get(id)?.account ?? owner) !== owner) : []
  if (others.length === 0 && !holdsForeign(request.text)) return request
  const own = memory.without(request, new Set(others))
  if (own !== request) warnings.add(OF_OTHERS)
  return own
}

/** A sound may be silent for as long as a whole answer before it begins, and then for as long as a stream. In ms. */
function limitsOf({ request, dialect, decided }: Call): { firstToken: number; idle: number } {
  if (request.stream) return decided.timeouts
  const whole = wholeLimits(decided)
  return dialect.raw === 'passed' ? { ...whole, idle: decided.timeouts.idle } : whole
}

/**
 * An answer that is not streamed is silent until it is whole: no first token can be waited for, so each attempt has its share of the total
 * time, and a target that hangs still leaves time for the next one. In ms.
 */
function wholeLimits({ timeouts, attempts }: Decided): { firstToken: number; idle: number } {
  const share = Math.max(timeouts.firstToken, Math.floor(timeouts.total / attempts))
  return { firstToken: share, idle: share }
}

/** Transport finds its pools by the object: one for each provider and connect timeout. */
const egresses = new WeakMap<Egress, Map<number, Egress>>()

function egressWithin(egress: Egress, connectTimeoutMs: number): Egress {
  if (egress.connectTimeoutMs === connectTimeoutMs) return egress
  const known = egresses.get(egress) ?? new Map<number, Egress>()
  egresses.set(egress, known)
  const own = known.get(connectTimeoutMs) ?? { ...egress, connectTimeoutMs }
  known.set(connectTimeoutMs, own)
  return own
}

interface Used {
  readonly usage: Usage | undefined
  readonly generatedBytes: number
}

function billOfUsage(call: Call, { facts }: Target, used: Used): Bill {
  const bill = billOf({ price: facts.price, facts, signals: call.signals, at: call.begun, ...used })
  return call.cache === 'hit' ? { ...bill, cost: 0n } : bill
}

function routeOf(call: Call, target: Target): { target: string; attempts: number } {
  return { target: target.id, attempts: call.sent }
}

/** The headers that say who answers; for a stream, before its cost is known. */
export function routedHeaders(call: Call, target: Target, bill?: Bill): Record<string, string> {
  return {
    'x-tutti-target': headerText(target.id),
    'x-tutti-attempts': String(call.sent),
    ...(call.cache && { 'x-tutti-cache': call.cache }),
    ...(bill && { 'x-tutti-cost-usd': bill.cost === 'unknown' ? 'unknown' : formatUsd(bill.cost) }),
    ...(call.warnings.size > 0 && { 'x-tutti-warnings': headerText([...call.warnings].join('; ')) }),
  }
}
