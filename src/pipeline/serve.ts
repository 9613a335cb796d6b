import { covering, payerOf } from '#src/accounting/payer.ts'
import { afterwards } from '#src/core/done.ts'
import { failure, toFailure } from '#src/core/failure.ts'
import { headerText } from '#src/core/header.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { holdsOf } from '#src/core/signature.ts'
import type { Terms } from '#src/routing/terms.ts'
import { routedHeaders } from './attempt-exchange.ts'
import { askAboutRequest } from './ask-guards.ts'
import { behind, openCall, type Accepted, type Call, type Incoming } from './call.ts'
import { decideFor } from './decide-for.ts'
import { dispatch, type Outcome } from './dispatch.ts'
import type { Gateway } from './gateway.ts'
import { keepAnswer } from './keep.ts'
import { recallPrevious, type Recalled, type Resumed } from './memory.ts'
import { passGates, tokensAsked, totalOf } from './pass-gates.ts'
import { rateHeaders } from './rate-headers.ts'
import { createReply, type ReplyHeaders } from './reply.ts'
import type { Kept } from './thoughts.ts'
import { settleCall } from './settle.ts'
import { firstHold, giveBackUpfront } from './upfront.ts'

/** Everything between a read request and its answer with its bill. Never rejects: every failure is an answer in the caller's dialect. */
export async function serve(gateway: Gateway, incoming: Incoming): Promise<void> {
  const { snapshot, key, sink } = incoming
  const spoken = gateway.ports.dialects[incoming.request.endpoint]
  const dialect = spoken.variant?.(incoming.request) ?? spoken
  const { request, resumed }: Recalled = dialect.memory ? await recallPrevious(gateway, dialect, incoming) : incoming
  const decision = await decideFor(gateway, { snapshot, request, key })
  const { decided, terms, sent, kept } = decision
  const reply = createReply(sink, dialect, {
    always: {
      'x-tutti-request-id': request.id,
      [dialect.requestIdHeader]: request.id,
      'x-tutti-epoch': snapshot.epoch,
    },
    labels: labelsOf(terms),
  })
  const accepted: Accepted = {
    ...incoming,
    ...decision,
    came: request,
    request: sent.request,
    resumed,
    bound: boundBy(request, resumed, kept),
    gateway,
    dialect,
    reply,
    serve: (other) => serve(gateway, other),
    warnings: new Set(sent.warnings),
  }
  const call = openCall(accepted, sink)
  let outcome: Outcome
  try {
    outcome = decided.failure ? { kind: 'failed', failure: decided.failure } : await admitted(call)
  } catch (cause) {
    outcome = { kind: 'failed', failure: toFailure(cause) }
  }
  if (outcome.kind === 'answered' && (dialect.memory || outcome.attempt.thoughts)) await keep(call, outcome)
  const told = finish(call, outcome)
  const ended = incoming.ended?.(told.kind === 'answered' ? told.attempt.target.id : undefined)
  if (ended) call.unsettled.push(ended)
  call.close()
  tell(call, told)
  if (incoming.unsettled) return
  // Each may leave more to be done.
  for (let work = call.unsettled.shift(); work; work = call.unsettled.shift()) await work
}

/** Headers that say that a model wrote it, for whoever shows it to people. */
function labelsOf({ labels }: Terms): ReplyHeaders {
  if (!labels) return {}
  return {
    'x-tutti-ai-generated': 'true',
    ...(labels.notices.length > 0 && { 'x-tutti-ai-notice': headerText(labels.notices.join(' ')) }),
  }
}

/** A store that cannot keep it takes no answer away: the caller is told where its head is still to be sent. */
async function keep(call: Call, { attempt, rest }: Extract<Outcome, { kind: 'answered' }>): Promise<void> {
  try {
    await keepAnswer(call, attempt, rest)
  } catch {
    call.warnings.add('`store`: the answer could not be kept')
  }
}

/** The account that gave what a request goes on from. */
function boundBy(
  { text }: ApiRequest,
  resumed: Resumed | undefined,
  kept: ReadonlyMap<string, Kept> | undefined,
): Call['bound'] {
  const accounts = kept && new Set([...kept.values()].map(({ account }) => account))
  return (target, account) => {
    const owner = `${target.provider.name}/${account.id}`
    const gave = resumed?.target === target.id && resumed.account === account.id
    return gave || accounts?.has(owner) === true || holdsOf(text, owner)
  }
}

/** The caller has the answer by now: a log that cannot be written does not take it back. */
function tell(call: Call, outcome: Outcome): void {
  try {
    settleCall(call, outcome)
  } catch {
    // There is nobody left to tell.
  }
}

/** Counts the request against the limits of its caller for as long as it runs. */
async function admitted(call: Call): Promise<Outcome> {
  const { key, request } = call
  const payer = payerOf(call.snapshot.shared, key)
  // What a guard asks is part of a request that was let in.
  const gates = request.guardFor === undefined ? covering(payer.gates, { model: request.model }) : []
  if (gates.length === 0) return guarded(call)
  const tokens = tokensAsked(call)
  const hold = firstHold(call)
  const passed = await passGates(call, { id: request.id, tokens, gates, payer, hold })
  call.reply.tell(rateHeaders(passed.left.values()))
  if (!passed.ok) return { kind: 'failed', failure: passed.failure }
  const { held } = passed
  if (hold && (held === 'unsure' || held?.ok))
    call.upfront = { id: hold.id, shard: payer.shard, amount: hold.amount, sure: held !== 'unsure' }
  let used = tokens
  try {
    if (held !== 'unsure' && held?.ok === false) Object.assign(call, await call.decideExactly())
    const outcome = await guarded(call)
    used = tokensOf(call, outcome, tokens)
    return outcome
  } finally {
    const given = afterwards(giveBackUpfront(call), () => behind(call, passed.leave(used)))
    if (given) await given
  }
}

/** Nothing of it is sent before its guards had their say. */
async function guarded(call: Call): Promise<Outcome> {
  await askAboutRequest(call)
  const { failure: refused } = call.decided
  if (refused) return { kind: 'failed', failure: refused }
  const outcome = await dispatch(call)
  if (outcome.kind !== 'failed' || outcome.failure.code !== 'budget_exceeded') return outcome
  // A hold says that there is no room, and no more: what is spent now says in which budget.
  const { failure: named = outcome.failure } = (await call.decideExactly()).decided
  return named.code === 'budget_exceeded' ? { kind: 'failed', failure: named } : outcome
}

/** What an answer used; of a request without one, what its attempts are billed for, and at least what was let in for it. */
function tokensOf(call: Call, outcome: Outcome, estimate: number): number {
  if (outcome.kind !== 'answered') return Math.max(estimate, ...call.bills.map(({ usage }) => totalOf(usage) ?? 0))
  return totalOf(outcome.attempt.bill.usage) ?? estimate
}

/**
 * Writes the one ending that the caller gets, and says how it ended then. A sink that throws has been destroyed by the reply: there is nothing
 * more to say to it.
 */
function finish(call: Call, outcome: Outcome): Outcome {
  try {
    write(call, outcome)
    return outcome
  } catch (cause) {
    const broken: Outcome = {
      kind: 'failed',
      failure: failure('internal_error', 'the answer could not be written', { cause }),
    }
    try {
      write(call, broken)
    } catch {
      // The reply has destroyed the sink.
    }
    return broken
  }
}

function write(call: Call, outcome: Outcome): void {
  const { reply, dialect, request } = call
  if (outcome.kind === 'gone') return
  if (outcome.kind === 'failed') {
    const { redactor } = call.change
    return reply.fail(redactor?.failure(outcome.failure) ?? outcome.failure, failedHeaders(call))
  }
  const { attempt, rest } = outcome
  const headers = routedHeaders(call, attempt.target, attempt.bill)
  if (request.stream || reply.committed) {
    reply.open(headers)
    return reply.endStream(rest)
  }
  const contentType = attempt.ending.kind === 'answered' ? attempt.ending.contentType : undefined
  if (contentType !== undefined) return reply.sendWhole(rest, { ...headers, 'content-type': contentType })
  if (typeof rest !== 'string') return reply.sendWhole(rest, headers)
  const body = dialect.adapt?.(rest, request) ?? rest
  reply.sendWhole(dialect.addCost(body, { bill: attempt.bill }), headers)
}

function failedHeaders(call: Call): Record<string, string> {
  const last = call.attempts.findLast((attempt) => attempt.outcome !== 'denied')
  return {
    ...(last && { 'x-tutti-target': headerText(last.target), 'x-tutti-attempts': String(call.sent) }),
    ...(call.warnings.size > 0 && { 'x-tutti-warnings': headerText([...call.warnings].join('; ')) }),
  }
}
