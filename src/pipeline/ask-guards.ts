import { unbounded } from '#src/core/key.ts'
import type { Asking } from '#src/core/policy.ts'
import { lengthOf, MOST_SEARCHED, textsOf, type GuardRule } from '#src/routing/guarding.ts'
import type { Call } from './call.ts'
import { collectAnswer } from './collect-answer.ts'
import { allowedBy, askable, foundBy, questionOf, webhookBody, type About, type Found } from './guard-questions.ts'
import { createMemorySink } from './memory-sink.ts'

/**
 * Asks the guards that somebody else answers about a request, before anything of it is sent, and decides it once more by what they say. They see
 * it as it would be sent: without what `redact` takes out.
 */
export async function askAboutRequest(call: Call): Promise<void> {
  const rules = (call.terms.asking ?? []).filter(({ guard }) => call.signals.guarded?.[guard.id] === undefined)
  if (rules.length === 0) return
  const found = await askGuards(call, rules, { texts: textsOf(call.request).texts, where: 'input' })
  if (call.stopped) return
  const { decided, signals } = call.decideAgain(Object.fromEntries(found))
  call.decided = decided
  call.signals = signals
}

/** Texts that guards are asked about. */
export interface AskedAbout {
  readonly texts: readonly string[]
  readonly where: 'input' | 'output'
  /** Who answered, of an answer. */
  readonly target?: string
}

/** What each of some guards says of the same texts, by its id. All are asked at once; a call that stops stops them. */
export async function askGuards(
  call: Call,
  rules: readonly GuardRule<Asking>[],
  { texts, where, target }: AskedAbout,
): Promise<ReadonlyMap<string, Found>> {
  const asked = askable(texts)
  const stops = new Set<() => void>()
  call.onStop(() => {
    for (const stop of stops) stop()
  })
  const answers = rules.map(async ({ guard, name }) => {
    const found = await ask({ call, guard, stops }, asked, { rule: name, where, target })
    if (found === null && !call.stopped) tellFailed(call, name)
    return [guard.id, found] as const
  })
  return new Map(await Promise.all(answers))
}

interface Question {
  readonly call: Call
  readonly guard: Asking
  readonly stops: Set<() => void>
}

/** Never rejects. */
async function ask(
  question: Question,
  texts: readonly string[],
  about: Pick<About, 'rule' | 'where' | 'target'>,
): Promise<Found> {
  if (texts.length === 0) return false
  if (question.call.stopped || lengthOf(texts) > MOST_SEARCHED) return null
  try {
    const { guard } = question
    return guard.by === 'webhook'
      ? await askWebhook({ ...question, guard }, texts, about)
      : await askModel({ ...question, guard }, texts)
  } catch {
    return null
  }
}

type Of<Name extends Asking['by']> = Omit<Question, 'guard'> & { readonly guard: Extract<Asking, { by: Name }> }

/** In bytes. */
const MAX_WEBHOOK_ANSWER = 64 * 1024
/** ms. */
const MAX_CONNECT = 5000

async function askWebhook(
  { call, guard, stops }: Of<'webhook'>,
  texts: readonly string[],
  about: Pick<About, 'rule' | 'where' | 'target'>,
): Promise<Found> {
  const { ports } = call.gateway
  const { request, key } = call
  const { url, secret, local, timeoutMs } = guard
  const body = webhookBody(texts, { ...about, request, key, tags: request.tags, now: ports.clock.now() })
  const id = `msg_${ports.newId()}`
  const { answer, stop } = collectAnswer(
    {
      upstream: {
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json' },
        body,
        auth: { kind: 'webhook', id, ...(secret !== undefined && { secret }) },
      },
      egress: { local, connectTimeoutMs: Math.min(timeoutMs, MAX_CONNECT) },
    },
    ports,
    { timeoutMs, maxBytes: MAX_WEBHOOK_ANSWER },
  )
  stops.add(stop)
  const said = await answer
  return said === 'silent' || said.status > 299 ? null : allowedBy(said.text)
}

/** As a request of its own, on the caller's budget, by the same rules but for guards: what is denied to callers is denied to guards. */
async function askModel(
  { call, guard, stops }: Of<'moderation' | 'decision'>,
  texts: readonly string[],
): Promise<Found> {
  const { gateway, request, key } = call
  const { ports, snapshot } = gateway
  const { endpoint, body } = questionOf(guard, texts)
  const { id: guardFor, tags, metadata, client } = request
  const read = ports.dialects[endpoint].read(JSON.stringify(body), { id: ports.newId(), tags, metadata })
  const sink = createMemorySink()
  stops.add(sink.leave)
  await call.serve({
    snapshot,
    key: key && unbounded(key),
    request: { ...read, ...(client && { client }), guardFor, timeoutMs: guard.timeoutMs },
    sink,
    startedAt: ports.clock.now(),
    // The answer to it is wanted now, whatever is still to be booked.
    unsettled: call.unsettled,
  })
  const { answer } = sink
  return answer?.status === 200 ? foundBy(guard, answer.body) : null
}

/** A log that cannot be written does not stop anybody. */
function tellFailed({ gateway, request }: Call, rule: string): void {
  try {
    gateway.ports.telemetry.event({ event: 'guard_failed', rule, request_id: request.id })
  } catch {
    // There is nobody to tell.
  }
}
