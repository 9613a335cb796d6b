import type { Answer, Choice, Finish, StreamPart, TokenLogprob } from './answer.ts'
import type { Part, ReasoningPart } from './conversation.ts'
import type { JsonObject } from './json.ts'
import type { Usage } from './usage.ts'

/** An answer under way: what has been said so far. A value. */
export interface Collected {
  readonly head: Pick<Answer, 'id' | 'model' | 'operator' | 'created' | 'serviceTier'>
  readonly choices: ReadonlyMap<number, CollectedChoice>
  readonly usage?: Usage
  readonly rest?: JsonObject
}

interface CollectedChoice {
  readonly parts: ReadonlyMap<number, Part>
  readonly finish?: Finish
  readonly logprobs?: readonly TokenLogprob[]
}

export const NOTHING_COLLECTED: Collected = { head: {}, choices: new Map() }
const NEW_CHOICE: CollectedChoice = { parts: new Map() }

/** A streamed answer as the whole one that it amounts to (law 7). */
export function collect(parts: Iterable<StreamPart>): Answer {
  let collected = NOTHING_COLLECTED
  for (const part of parts) collected = collectPart(collected, part)
  return answerOf(collected)
}

/** One more step. `end` and `failure` say nothing of the answer itself. */
export function collectPart(collected: Collected, step: StreamPart): Collected {
  switch (step.type) {
    case 'start': {
      const { type: _type, ...head } = step
      return { ...collected, head: { ...collected.head, ...head } }
    }
    case 'usage':
      return { ...collected, usage: { ...collected.usage, ...step.usage } }
    case 'rest':
      return { ...collected, rest: { ...collected.rest, ...step.rest } }
    case 'end':
    case 'failure':
      return collected
    default: {
      const choice = collected.choices.get(step.choice) ?? NEW_CHOICE
      const choices = new Map(collected.choices).set(step.choice, inChoice(choice, step))
      return { ...collected, choices }
    }
  }
}

/** The whole answer that has been said; a choice without its end counts as stopped. */
export function answerOf({ head, choices, usage, rest }: Collected): Answer {
  return {
    ...head,
    choices: [...choices].toSorted(([a], [b]) => a - b).map(([index, choice]) => choiceOf(index, choice)),
    ...(usage && { usage }),
    ...(rest && { rest }),
  }
}

function choiceOf(index: number, { parts, finish, logprobs }: CollectedChoice): Choice {
  return {
    index,
    parts: [...parts].toSorted(([a], [b]) => a - b).map(([, part]) => part),
    finish: finish ?? { unified: 'stop' },
    ...(logprobs && { logprobs }),
  }
}

type ChoiceStep = Extract<StreamPart, { readonly choice: number }>

function inChoice(choice: CollectedChoice, step: ChoiceStep): CollectedChoice {
  switch (step.type) {
    case 'finish':
      return { ...choice, finish: step.finish }
    case 'logprobs':
      return { ...choice, logprobs: [...(choice.logprobs ?? []), ...step.logprobs] }
    case 'part-end':
      return choice
    case 'part-start':
      return { ...choice, parts: new Map(choice.parts).set(step.index, step.part) }
    default: {
      const part = choice.parts.get(step.index)
      return part === undefined
        ? choice
        : { ...choice, parts: new Map(choice.parts).set(step.index, grown(part, step)) }
    }
  }
}

type PartStep = Exclude<ChoiceStep, { readonly type: 'finish' | 'logprobs' | 'part-end' | 'part-start' }>

function grown(part: Part, step: PartStep): Part {
  switch (step.type) {
    case 'delta':
      return withText(part, step.text)
    case 'summary-delta':
      return part.type === 'reasoning' ? withSummary(part, step.entry, step.text) : part
    case 'media-delta':
      return 'source' in part && part.source.kind === 'data'
        ? { ...part, source: { ...part.source, data: part.source.data + step.data } }
        : part
    case 'signature':
      return part.type === 'text' || part.type === 'reasoning' || part.type === 'tool-call' || 'source' in part
        ? { ...part, signature: step.signature }
        : part
    case 'citation':
      return part.type === 'text' ? { ...part, citations: [...(part.citations ?? []), step.citation] } : part
  }
}

function withText(part: Part, more: string): Part {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return { ...part, text: part.text + more }
    case 'reasoning':
      return { ...part, text: (part.text ?? '') + more }
    case 'tool-call':
      return { ...part, input: part.input + more }
    case 'tool-result':
    case 'opaque':
      return part
    default:
      return { ...part, transcript: (part.transcript ?? '') + more }
  }
}

function withSummary(part: ReasoningPart, entry: number, more: string): ReasoningPart {
  const before = part.summary ?? []
  const summary = Array.from({ length: Math.max(before.length, entry + 1) }, (_, at) => before[at] ?? '')
  return { ...part, summary: summary.map((text, at) => (at === entry ? text + more : text)) }
}

/** A whole answer as the steps of a stream: for an upstream that answers whole where a stream was asked for. `collect` gives it back. */
export function unfold(answer: Answer): readonly StreamPart[] {
  const { choices, usage, rest, id, model, operator, created, serviceTier } = answer
  return [
    {
      type: 'start',
      ...(id !== undefined && { id }),
      ...(model !== undefined && { model }),
      ...(operator !== undefined && { operator }),
      ...(created !== undefined && { created }),
      ...(serviceTier !== undefined && { serviceTier }),
    },
    ...choices.flatMap(unfoldChoice),
    ...(rest ? [{ type: 'rest', rest } as const] : []),
    ...(usage ? [{ type: 'usage', usage } as const] : []),
    { type: 'end' },
  ]
}

function unfoldChoice({ index: choice, parts, finish, logprobs }: Choice): readonly StreamPart[] {
  return [
    ...parts.flatMap((part, index) => unfoldPart(part, choice, index)),
    ...(logprobs ? [{ type: 'logprobs', choice, logprobs } as const] : []),
    { type: 'finish', choice, finish },
  ]
}

/** Text, thoughts and inputs come as one delta, as they would in a stream; all else stands in the start already. */
function unfoldPart(part: Part, choice: number, index: number): readonly StreamPart[] {
  const at = { choice, index }
  const end: StreamPart = { type: 'part-end', ...at }
  const start = (stub: Part): StreamPart => ({ type: 'part-start', ...at, part: stub })
  const delta = (text: string): readonly StreamPart[] => (text === '' ? [] : [{ type: 'delta', ...at, text }])
  switch (part.type) {
    case 'text': {
      const { citations = [], signature, ...stub } = part
      const cited = citations.map((citation): StreamPart => ({ type: 'citation', ...at, citation }))
      return [start({ ...stub, text: '' }), ...delta(part.text), ...cited, ...signed(signature, at), end]
    }
    case 'refusal':
      return [start({ ...part, text: '' }), ...delta(part.text), end]
    case 'tool-call': {
      const { signature, ...stub } = part
      return [start({ ...stub, input: '' }), ...delta(part.input), ...signed(signature, at), end]
    }
    case 'reasoning': {
      const { text, summary = [], signature, ...stub } = part
      const entries = summary.map((own, entry): StreamPart => ({ type: 'summary-delta', ...at, entry, text: own }))
      return [start(stub), ...delta(text ?? ''), ...entries, ...signed(signature, at), end]
    }
    default:
      return [start(part), end]
  }
}

function signed(
  signature: Extract<StreamPart, { type: 'signature' }>['signature'] | undefined,
  at: { readonly choice: number; readonly index: number },
): readonly StreamPart[] {
  return signature === undefined ? [] : [{ type: 'signature', ...at, signature }]
}
