import type { Answer, StreamPart } from '#src/core/answer.ts'
import { collect } from '#src/core/collect.ts'
import type { Conversation, Part, ReasoningPart, Signature, Turn } from '#src/core/conversation.ts'
import type { ConversationCodec } from '#src/core/codec.ts'
import type { Translation } from '#src/core/dialect.ts'
import { arrayAt, isObject, parseJson, stringAt, type Json } from '#src/core/json.ts'
import { accountMark } from '#src/core/signature.ts'

/** What a model thought on its way to its calls, as it was streamed. A list that grows at its front: older ones stay true. */
export interface Thoughts {
  readonly last: ThoughtStep | undefined
  /** Parts that are thoughts. */
  readonly reasoning: ReadonlySet<number>
}

interface ThoughtStep {
  readonly step: StreamPart
  readonly before: ThoughtStep | undefined
}

export const NO_THOUGHTS: Thoughts = { last: undefined, reasoning: new Set() }

/** What some vendors sign has no place in some dialects. */
export function isKept(
  { calls, carriesThoughts = false }: Translation,
  { signsCalls = false }: ConversationCodec,
): boolean {
  return calls !== undefined && (!carriesThoughts || signsCalls)
}

/** Remembers a step that belongs to a thought, or that begins or signs a call. */
export function think(thoughts: Thoughts, step: StreamPart): Thoughts {
  const { last, reasoning } = thoughts
  switch (step.type) {
    case 'part-start':
      if (step.part.type === 'reasoning')
        return { last: { step, before: last }, reasoning: new Set(reasoning).add(step.index) }
      return step.part.type === 'tool-call' ? { last: { step, before: last }, reasoning } : thoughts
    case 'delta':
    case 'summary-delta':
      return reasoning.has(step.index) ? { last: { step, before: last }, reasoning } : thoughts
    case 'signature':
      return { last: { step, before: last }, reasoning }
    default:
      return thoughts
  }
}

/** The thoughts and calls of the first choice, put together once. */
export function thoughtParts({ last }: Thoughts): readonly Part[] {
  const steps: StreamPart[] = []
  for (let at = last; at !== undefined; at = at.before) steps.push(at.step)
  return collect(steps.toReversed()).choices[0]?.parts ?? []
}

/** Only what some vendor has signed is worth keeping: it wants it back. */
export function isSigned(parts: readonly Part[]): boolean {
  return parts.some((part) => 'signature' in part && part.signature !== undefined)
}

/** Thoughts that were kept, by the id of the call that they led to, and the account that they came from. */
export interface Kept {
  readonly account: string
  readonly reasoning: readonly ReasoningPart[]
  readonly signature: Signature | undefined
}

/** What is kept, with each of its thoughts as it may be sent. */
export function keptAs(
  kept: ReadonlyMap<string, Kept>,
  thought: (part: ReasoningPart) => ReasoningPart,
): ReadonlyMap<string, Kept> {
  return new Map([...kept].map(([id, own]) => [id, { ...own, reasoning: own.reasoning.map(thought) }]))
}

export function readKept(text: string): Kept | undefined {
  const value = parseJson(text)
  const account = stringAt(value, 'account')
  if (!isObject(value) || account === undefined) return undefined
  return {
    account,
    reasoning: (arrayAt(value, 'reasoning') ?? []).flatMap(reasoningOf),
    signature: signatureOf(value['signature']),
  }
}

/** Gives thoughts back to the turns whose calls they led to, where the caller's dialect could not carry them. */
export function withThoughts(conversation: Conversation, kept: ReadonlyMap<string, Kept>): Conversation {
  if (kept.size === 0) return conversation
  return { ...conversation, turns: conversation.turns.map((turn) => restored(turn, kept)) }
}

/** The text of an account's own thoughts, by the ids of the calls that they led to. */
export function textsOf(kept: ReadonlyMap<string, Kept>, account: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const [id, { account: owner, reasoning }] of kept)
    if (owner === account) texts.set(id, reasoning.map(({ text = '' }) => text).join(''))
  return texts
}

function restored(turn: Turn, kept: ReadonlyMap<string, Kept>): Turn {
  const found = turn.parts.flatMap((part) => (part.type === 'tool-call' ? (kept.get(part.id) ?? []) : []))
  const [first] = found
  if (turn.role !== 'assistant' || !first) return turn
  const reasoning = first.reasoning.map((part) => withAccount(part, first.account))
  const own = reasoning.length > 0 ? turn.parts.filter(({ type }) => type !== 'reasoning') : turn.parts
  const parts = own.map((part) => {
    const known = part.type === 'tool-call' && !part.signature ? kept.get(part.id) : undefined
    return known?.signature ? { ...part, signature: { ...known.signature, account: known.account } } : part
  })
  return { ...turn, parts: [...reasoning, ...parts] }
}

function withAccount(part: Part, account: string): Part {
  return 'signature' in part && part.signature ? { ...part, signature: { ...part.signature, account } } : part
}

/** A step of an answer with a mark of the account that gave it on its signatures. */
export function markedStep(step: StreamPart, owner: string): StreamPart {
  if (step.type === 'part-start') return { ...step, part: withAccount(step.part, accountMark(owner)) }
  return step.type === 'signature' ? { ...step, signature: { ...step.signature, account: accountMark(owner) } } : step
}

/** The same of a whole answer. */
export function markedAnswer(answer: Answer, owner: string): Answer {
  const account = accountMark(owner)
  const choices = answer.choices.map((choice) => ({
    ...choice,
    parts: choice.parts.map((part) => withAccount(part, account)),
  }))
  return { ...answer, choices }
}

function reasoningOf(value: Json): readonly ReasoningPart[] {
  if (!isObject(value)) return []
  const text = stringAt(value, 'text')
  const summary = arrayAt(value, 'summary')?.filter((own) => typeof own === 'string')
  const signature = signatureOf(value['signature'])
  return [
    {
      type: 'reasoning',
      ...(text !== undefined && { text }),
      ...(summary && { summary }),
      ...(value['redacted'] === true && { redacted: true }),
      ...(signature && { signature }),
    },
  ]
}

function signatureOf(value: Json | undefined): Signature | undefined {
  const [vendor, own] = [stringAt(value, 'vendor'), stringAt(value, 'value')]
  return vendor === undefined || own === undefined ? undefined : { vendor, value: own }
}

/**
 * What another account signed stays here: its own vendor would refuse it. Says whether something was left out. `unnamed`: who gave what
 * does not say whose it is.
 */
export function forAccount(
  conversation: Conversation,
  account: string,
  unnamed?: string,
): { conversation: Conversation; left: boolean } {
  let left = false
  const turns = conversation.turns.map((turn) => ({
    ...turn,
    parts: turn.parts.flatMap((part): readonly Part[] => {
      const signature = 'signature' in part ? part.signature : undefined
      const owner = signature && (signature.account ?? unnamed)
      if (owner === undefined || owner === account || owner === accountMark(account)) return [part]
      left = true
      return part.type === 'reasoning' ? [] : [unsigned(part)]
    }),
  }))
  return left ? { conversation: { ...conversation, turns }, left } : { conversation, left }
}

function unsigned(part: Part): Part {
  if (!('signature' in part)) return part
  const { signature: _signature, ...rest } = part
  return rest
}
