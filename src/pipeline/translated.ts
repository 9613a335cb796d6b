import type { Observation, UpstreamFailure } from '#src/core/adapter.ts'
import type { Answer, StreamPart } from '#src/core/answer.ts'
import type { ConversationCodec, StreamDecoder } from '#src/core/codec.ts'
import { collect, unfold } from '#src/core/collect.ts'
import type { CostNote, RenderContext, StreamRenderer, Translation } from '#src/core/dialect.ts'
import { filterPart, NOTHING_OPEN, type FilterRules, type FilterState } from '#src/core/pii/filter-parts.ts'
import { utf8Length } from '#src/core/measure.ts'
import type { Usage } from '#src/core/usage.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { isKept, markedStep, NO_THOUGHTS, think, type Thoughts } from './thoughts.ts'

/** What is between a caller and an upstream that speak different dialects. */
export interface Between {
  readonly codec: ConversationCodec
  readonly translation: Translation
  readonly context: RenderContext
  /** Unique to the attempt. */
  readonly id: string
  /** `provider/account` that answers. */
  readonly owner: string
  /** What is done to its texts. */
  readonly filter?: FilterRules
}

/** A translated stream under way. A value. */
export interface Translating {
  readonly decoder: StreamDecoder
  readonly renderer: StreamRenderer
  /** Of a dialect that has no place for signatures. */
  readonly thoughts: Thoughts | undefined
  readonly owner: string
  readonly filter: FilterRules | undefined
  readonly filtering: FilterState
}

/** What is heard of a stream that goes on as it came. A value. */
export interface Listening {
  readonly decoder: StreamDecoder
  readonly thoughts: Thoughts
}

export function listenWith(codec: ConversationCodec, id: string): Listening {
  return { decoder: codec.decoder(id), thoughts: NO_THOUGHTS }
}

export function hear({ decoder: before, thoughts }: Listening, event: WireEvent): Heard {
  const { decoder, parts } = before.event(event)
  return { listening: { decoder, thoughts: parts.reduce(think, thoughts) }, said: parts }
}

export interface Heard {
  readonly listening: Listening
  readonly said: readonly StreamPart[]
}

export interface Translated {
  readonly state: Translating
  readonly out: string
  /** What of it the caller is told. */
  readonly said: readonly StreamPart[]
  readonly seen: Observation
}

export function beginTranslating({ codec, translation, context, id, owner, filter }: Between): Translating {
  const thoughts = isKept(translation, codec) ? NO_THOUGHTS : undefined
  const begun = { decoder: codec.decoder(id), renderer: translation.renderer(context), thoughts, owner }
  return { ...begun, filter, filtering: NOTHING_OPEN }
}

/** One event of the upstream in the caller's words. */
export function translateEvent(state: Translating, event: WireEvent): Translated {
  const { decoder, parts } = state.decoder.event(event)
  return rendered({ ...state, decoder }, parts)
}

/** What the upstream left open when its body ended. */
export function translateEnd(state: Translating): Translated {
  return rendered(state, state.decoder.end())
}

/** A whole answer as a stream up to its proper end, and how that end is written once its cost is known. */
export function streamWhole(
  { translation, context }: Pick<Between, 'translation' | 'context'>,
  answer: Answer,
): { readonly out: string; readonly finish: (note: CostNote) => string } {
  let renderer = translation.renderer(context)
  let out = ''
  for (const part of unfold(answer)) {
    const step = renderer.part(part)
    renderer = step.renderer
    out += step.out
  }
  return { out, finish: (note) => renderer.finish(note) }
}

/** What a whole answer says. */
export function observeAnswer(answer: Answer): Observation {
  return observeParts(unfold(answer))
}

function rendered(state: Translating, parts: readonly StreamPart[]): Translated {
  let { renderer, thoughts } = state
  let out = ''
  const { filtering, allowed } = filtered(state, parts)
  // What was said counts, whatever the caller is given of it.
  const seen = observeParts(parts)
  const foul = allowed.find((part) => part.type === 'failure')
  for (const part of allowed) {
    if (part.type === 'failure') break
    const step = renderer.part(markedStep(part, state.owner))
    renderer = step.renderer
    out += step.out
    if (thoughts) thoughts = think(thoughts, part)
  }
  return {
    state: { ...state, renderer, thoughts, filtering },
    out,
    said: allowed,
    seen: foul && !seen.failure ? { ...seen, failure: foul.failure } : seen,
  }
}

/** What the caller may have of some steps. */
function filtered(
  { filter, filtering: before }: Translating,
  parts: readonly StreamPart[],
): { readonly filtering: FilterState; readonly allowed: readonly StreamPart[] } {
  if (!filter) return { filtering: before, allowed: parts }
  let filtering = before
  const allowed = parts.flatMap((part) => {
    const step = filterPart(filter, filtering, part)
    filtering = step.state
    return step.parts
  })
  return { filtering, allowed }
}

/** A whole answer as the caller may have it; a failure where it may not. */
export function filteredAnswer(filter: FilterRules, answer: Answer): Answer | UpstreamFailure {
  let state = NOTHING_OPEN
  const allowed = unfold(answer).flatMap((part) => {
    const step = filterPart(filter, state, part)
    state = step.state
    return step.parts
  })
  const foul = allowed.find((part) => part.type === 'failure')
  return foul ? foul.failure : collect(allowed)
}

interface Seen {
  content: boolean
  generatedBytes: number
  choices: number[]
  finished: number[]
  finish: string | undefined
  usage: Usage | undefined
  failure: UpstreamFailure | undefined
  done: boolean
  model: string | undefined
  operator: string | undefined
}

function observeParts(parts: readonly StreamPart[]): Observation {
  const seen: Seen = {
    content: false,
    generatedBytes: 0,
    choices: [],
    finished: [],
    finish: undefined,
    usage: undefined,
    failure: undefined,
    done: false,
    model: undefined,
    operator: undefined,
  }
  for (const part of parts) observePart(part, seen)
  return { ...seen, usageOnly: false }
}

function observePart(part: StreamPart, seen: Seen): void {
  switch (part.type) {
    case 'start':
      seen.model = part.model ?? seen.model
      seen.operator = part.operator ?? seen.operator
      return
    case 'usage':
      seen.usage = { ...seen.usage, ...part.usage }
      return
    case 'failure':
      seen.failure = part.failure
      return
    case 'end':
      seen.done = true
      return
    case 'rest':
      return
    case 'finish':
      seen.choices.push(part.choice)
      seen.finished.push(part.choice)
      seen.finish = part.finish.unified
      // A sequence of the caller's own was met, perhaps at once: that is what the answer says.
      seen.content ||= part.finish.stopSequence !== undefined
      return
    case 'part-start':
      seen.choices.push(part.choice)
      // Text begins with its first words; a call, a sound or what only its vendor understands is something by itself.
      seen.content ||= part.part.type !== 'text' && part.part.type !== 'reasoning' && part.part.type !== 'refusal'
      if (part.part.type === 'tool-call') seen.generatedBytes += utf8Length(part.part.name)
      return
    case 'delta':
    case 'summary-delta':
      seen.content ||= part.text !== ''
      seen.generatedBytes += utf8Length(part.text)
      return
    case 'signature':
    case 'media-delta':
    case 'citation':
      seen.content = true
      return
    case 'logprobs':
    case 'part-end':
      return
  }
}
