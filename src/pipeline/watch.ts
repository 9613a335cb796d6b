import type { StreamPart } from '#src/core/answer.ts'
import { failure } from '#src/core/failure.ts'
import { guardedText } from '#src/core/guarded-text.ts'
import { MAX_ANSWER_BYTES } from '#src/core/limits.ts'
import { parseJson, type JsonObject } from '#src/core/json.ts'
import { textsOfAnswer, type AnswerTexts } from '#src/core/pii/answer-texts.ts'
import type { Asking, Objection } from '#src/core/policy.ts'
import type { Target } from '#src/core/target.ts'
import type { UpstreamFailure } from '#src/core/upstream.ts'
import { findsIn, foundBy, lengthOf, MOST_SEARCHED, shadowOf, unlooked, type GuardRule } from '#src/routing/guarding.ts'
import { askGuards } from './ask-guards.ts'
import { unusable } from './attempt-result.ts'
import type { Call } from './call.ts'
import { startPieces, startTails, type Ends, type Tails } from './watched-tails.ts'

/** One step of a stream, as far as it is looked at. */
export interface Step {
  /** Bytes for the caller, in order. */
  readonly out: readonly Uint8Array[]
  /** What is said by it, where somebody listens. */
  readonly said: readonly StreamPart[]
  /** Events that go on as they came, where somebody listens. */
  readonly came: readonly JsonObject[]
}

/** Guards that look at one answer before its caller does. */
export interface Watch {
  /** What of a step, and of what stayed back, may go on. */
  pass(step: Step): readonly Uint8Array[] | UpstreamFailure
  /** What stayed back of a stream that is whole. */
  rest(): readonly Uint8Array[]
  /** A whole answer, or its text. */
  hear(body: string, json: boolean): void
  /** What they say of the answer once it is whole; undefined: nothing against it. */
  verdict(): Promise<UpstreamFailure | undefined>
}

/**
 * Words stay back only as long as they may be the beginning of one that is guarded against. Where anybody looks for more than words, nothing goes
 * on before the answer is whole.
 */
export function createWatch(call: Call, target: Target, rules: readonly GuardRule[]): Watch {
  const enforced = rules.filter(({ mode }) => mode !== 'shadow')
  const longest = longestOf(enforced)
  const texts = new Map<string, string[]>()
  const piecesOf = startPieces()
  const held: Held[] = []
  const tails: Tails = startTails(longest ?? 0)
  let heldBytes = 0
  let heard: AnswerTexts | undefined

  function collect(said: readonly StreamPart[]): void {
    for (const { key, text } of said.flatMap(piecesOf)) {
      const own = texts.get(key)
      if (own) own.push(text)
      else texts.set(key, [text])
    }
  }

  /** As of a whole answer; what was said as a text is no picture, whatever it looks like. */
  function spoken(): AnswerTexts {
    const said = new Set([...texts.values()].map((pieces) => pieces.join('')))
    const read = textsOfAnswer([...said])
    return { ...read, texts: [...read.texts, ...read.opaque.filter((text) => said.has(text))] }
  }

  function released(): readonly Uint8Array[] {
    const due = held.findIndex(({ ends }) => !tails.covers(ends))
    const free = held.splice(0, due < 0 ? held.length : due).flatMap(({ out }) => out)
    heldBytes -= sizeOf(free)
    return free
  }

  return {
    pass({ out, said, came }) {
      collect(said)
      if (enforced.length === 0) return out
      held.push({ out, ends: tails.add(said) })
      heldBytes += sizeOf(out)
      if (heldBytes > MAX_ANSWER_BYTES) return unusable('the answer of the upstream is too large')
      if (longest === undefined) return []
      // What goes on as it came may hold more than anybody reads of it.
      const open = [...tails.open(), ...came.flatMap(allTexts)].map(guardedText)
      const [foul] = enforced.flatMap((rule) => ('finds' in rule.guard && open.some(rule.guard.finds) ? [rule] : []))
      if (foul) return ended(foundBy(foul, 'answer'))
      const blind = enforced.find(({ onError }) => onError !== 'allow')
      if (!tails.trim() && blind) return ended(unlooked(blind, 'answer'))
      return released()
    },
    rest: () => held.flatMap(({ out }) => out),
    hear(body, json) {
      heard = json ? textsOfAnswer(parseJson(body) ?? body) : { texts: [body], opaque: [] }
    },
    async verdict() {
      const { texts: whole, opaque } = heard ?? spoken()
      const own = settle(
        call,
        rules.flatMap((rule) => lookAt(rule, whole, opaque)),
      )
      if (own) return ended(own)
      const asking = rules.filter(isAsking)
      if (asking.length === 0) return undefined
      const found = await askGuards(call, asking, { texts: whole, where: 'output', target: target.id })
      const theirs = settle(
        call,
        asking.flatMap((rule) => saidOf(rule, found.get(rule.guard.id))),
      )
      return theirs && ended(theirs)
    },
  }
}

/** Bytes that stay back, and where the texts in them end. */
interface Held {
  readonly out: readonly Uint8Array[]
  readonly ends: Ends
}

function sizeOf(out: readonly Uint8Array[]): number {
  return out.reduce((sum, { length }) => sum + length, 0)
}

/** The longest word of all; undefined: they look for more than words. */
function longestOf(rules: readonly GuardRule[]): number | undefined {
  const lengths = rules.map(({ guard }) => ('longest' in guard ? guard.longest : undefined))
  return lengths.includes(undefined) ? undefined : Math.max(0, ...lengths.map((length = 0) => length))
}

function isAsking(rule: GuardRule): rule is GuardRule<Asking> {
  return !('finds' in rule.guard)
}

interface Said {
  readonly rule: GuardRule
  readonly objection: Objection
}

/** A word may be padded until it looks like a picture; patterns look into what does only where there is little of it. */
function lookAt(rule: GuardRule, whole: readonly string[], opaque: readonly string[]): readonly Said[] {
  const { guard } = rule
  if (!('finds' in guard)) return []
  const all = [...whole, ...opaque]
  const looked = guard.by === 'patterns' && lengthOf(all) > MOST_SEARCHED ? whole : all
  return saidOf(rule, findsIn(guard, looked.map(guardedText)) ?? null)
}

/** `found` is null where nobody could look. */
function saidOf(rule: GuardRule, found: boolean | null = null): readonly Said[] {
  if (found === true) return [{ rule, objection: foundBy(rule, 'answer') }]
  return found === false || rule.onError === 'allow' ? [] : [{ rule, objection: unlooked(rule, 'answer') }]
}

/** The first objection that counts; those in shadow are noted. */
function settle({ shadow }: Call, said: readonly Said[]): Objection | undefined {
  for (const { rule, objection } of said) if (rule.mode === 'shadow') shadow.push(shadowOf(objection))
  return said.find(({ rule }) => rule.mode !== 'shadow')?.objection
}

/** The answer may not go on: no other target is asked, for what is guarded against may be in the question. */
function ended({ rule, code, reason }: Objection): UpstreamFailure {
  const of = code === 'policy_error' ? code : 'policy_denied'
  return { failure: failure(of, reason, { details: { rule, reason } }), retry: 'no', guard: rule }
}

function allTexts(event: JsonObject): readonly string[] {
  const { texts, opaque } = textsOfAnswer(event)
  return [...texts, ...opaque]
}
