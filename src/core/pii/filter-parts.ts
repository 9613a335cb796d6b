import type { Finish, StreamPart } from '../answer.ts'
import type { Citation, Part } from '../conversation.ts'
import { failure } from '../failure.ts'
import { isObject, parseJson, type Json, type JsonObject } from '../json.ts'
import { endText, filterText, pushText, startText, type TextRules, type TextState } from './filter-text.ts'
import { rewriteJson } from './json-texts.ts'

/** What is done to an answer on its way. */
export interface FilterRules extends TextRules {
  /** Sounds and pictures, which nobody can look into, go on. */
  readonly media: 'deny' | 'allow'
}

/** An answer under way: what of its texts is held back. A value: an older one stays true (law 5). */
export type FilterState = ReadonlyMap<string, Open>

/** One text that grows. `whole`: the input of a call, which is JSON and is looked into once it is all there. */
interface Open {
  readonly text: TextState
  readonly whole?: string
}

export const NOTHING_OPEN: FilterState = new Map()

/** The next step of an answer as the caller may have it. */
export function filterPart(
  rules: FilterRules,
  state: FilterState,
  part: StreamPart,
): { readonly state: FilterState; readonly parts: readonly StreamPart[] } {
  const same = { state, parts: [part] }
  switch (part.type) {
    case 'part-start':
      return started(rules, state, part)
    case 'delta':
      return grown(rules, state, part)
    case 'summary-delta':
      return summed(rules, state, part)
    case 'part-end':
      return ended(rules, state, part)
    case 'media-delta':
      return rules.media === 'allow' ? same : { state, parts: [unseen()] }
    // Tokens one by one: what is taken out of the text would stand there in pieces.
    case 'logprobs':
      return { state, parts: [] }
    case 'citation':
      return { state, parts: [{ ...part, citation: filteredCitation(rules, part.citation) }] }
    case 'rest':
      return { state, parts: [{ ...part, rest: filterObject(rules, part.rest) }] }
    case 'finish':
      return { state, parts: [{ ...part, finish: filteredFinish(rules, part.finish) }] }
    case 'start':
      return { state, parts: [filteredHead(rules, part)] }
    case 'signature':
    case 'usage':
    case 'end':
    case 'failure':
      return same
  }
}

/** An upstream chooses these names. */
function filteredHead(rules: FilterRules, part: Of<'start'>): Of<'start'> {
  const { id, model, serviceTier } = part
  return {
    ...part,
    ...(id !== undefined && { id: filterText(rules, id) }),
    ...(model !== undefined && { model: filterText(rules, model) }),
    ...(serviceTier !== undefined && { serviceTier: filterText(rules, serviceTier) }),
  }
}

type Of<Type extends StreamPart['type']> = Extract<StreamPart, { readonly type: Type }>
interface Step {
  readonly state: FilterState
  readonly parts: readonly StreamPart[]
}

function started(rules: FilterRules, state: FilterState, step: Of<'part-start'>): Step {
  const { part } = step
  if (isMedia(part) && rules.media === 'deny') return { state, parts: [unseen()] }
  const text = startText(rules)
  const open: Open = part.type === 'tool-call' ? { text, whole: part.input } : { text }
  const stub =
    part.type === 'tool-call' ? { ...part, name: filterText(rules, part.name), input: '' } : filteredPart(rules, part)
  return { state: new Map(state).set(keyOf(step), open), parts: [{ ...step, part: stub }] }
}

function grown(rules: FilterRules, state: FilterState, step: Of<'delta'>): Step {
  const key = keyOf(step)
  const open = state.get(key) ?? { text: startText(rules) }
  if (open.whole !== undefined) {
    return { state: new Map(state).set(key, { ...open, whole: open.whole + step.text }), parts: [] }
  }
  const { state: text, out } = pushText(open.text, step.text)
  return { state: new Map(state).set(key, { text }), parts: out === '' ? [] : [{ ...step, text: out }] }
}

/** Each paragraph of a summary is a text of its own, and ends where the next one begins. */
function summed(rules: FilterRules, state: FilterState, step: Of<'summary-delta'>): Step {
  const key = `${keyOf(step)} ${step.entry}`
  const before = state.has(key) ? { state, parts: [] } : closed(state, step)
  const { state: text, out } = pushText(before.state.get(key)?.text ?? startText(rules), step.text)
  const parts = out === '' ? before.parts : [...before.parts, { ...step, text: out }]
  return { state: new Map(before.state).set(key, { text }), parts }
}

function ended(rules: FilterRules, state: FilterState, step: Of<'part-end'>): Step {
  const summary = closed(state, step)
  const key = keyOf(step)
  const open = summary.state.get(key)
  const next = new Map(summary.state)
  next.delete(key)
  const rest = open && (open.whole === undefined ? endText(open.text) : filterJson(rules, open.whole))
  const { choice, index } = step
  const last: readonly StreamPart[] = rest ? [{ type: 'delta', choice, index, text: rest }] : []
  return { state: next, parts: [...summary.parts, ...last, step] }
}

/** Ends the paragraphs of a summary that are open. */
function closed(state: FilterState, { choice, index }: Place): Step {
  const prefix = `${keyOf({ choice, index })} `
  const next = new Map(state)
  const parts: StreamPart[] = []
  for (const [key, { text }] of state) {
    if (!key.startsWith(prefix)) continue
    next.delete(key)
    const rest = endText(text)
    if (rest !== '')
      parts.push({ type: 'summary-delta', choice, index, entry: Number(key.slice(prefix.length)), text: rest })
  }
  return { state: next, parts }
}

interface Place {
  readonly choice: number
  readonly index: number
}

function keyOf({ choice, index }: Place): string {
  return `${choice}/${index}`
}

function isMedia(part: Part): boolean {
  return part.type === 'image' || part.type === 'audio' || part.type === 'video' || part.type === 'document'
}

/** What stands in a part from its start: all there is of it, but for what only its vendor can read. */
function filteredPart(rules: FilterRules, part: Part): Part {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return { ...part, text: filterText(rules, part.text) }
    case 'reasoning':
      return {
        ...part,
        ...(part.text !== undefined && { text: filterText(rules, part.text) }),
        ...(part.summary && { summary: part.summary.map((text) => filterText(rules, text)) }),
      }
    case 'opaque':
      return { ...part, value: filterObject(rules, part.value) }
    case 'tool-result':
      return { ...part, parts: part.parts.map((inner) => filteredPart(rules, inner)) }
    case 'tool-call':
      return { ...part, name: filterText(rules, part.name), input: filterJson(rules, part.input) }
    default:
      return part.transcript === undefined ? part : { ...part, transcript: filterText(rules, part.transcript) }
  }
}

/** A text that is JSON, or is not: a model may write anything. */
export function filterJson(rules: TextRules, text: string): string {
  const visitor = { text: (own: string) => filterText(rules, own), opaque: () => {} }
  return parseJson(text) === undefined ? filterText(rules, text) : rewriteJson(text, visitor)
}

function filteredCitation(rules: TextRules, citation: Citation): Citation {
  const { url, title, quote, raw } = citation
  return {
    ...citation,
    ...(url !== undefined && { url: filterText(rules, url) }),
    ...(title !== undefined && { title: filterText(rules, title) }),
    ...(quote !== undefined && { quote: filterText(rules, quote) }),
    raw: filterObject(rules, raw),
  }
}

function filteredFinish(rules: TextRules, finish: Finish): Finish {
  const { stopSequence, safety } = finish
  return {
    ...finish,
    ...(stopSequence !== undefined && { stopSequence: filterText(rules, stopSequence) }),
    ...(safety !== undefined && { safety: filterValue(rules, safety) }),
  }
}

function filterObject(rules: TextRules, value: JsonObject): JsonObject {
  const filtered = filterValue(rules, value)
  return isObject(filtered) ? filtered : value
}

function filterValue(rules: TextRules, value: Json): Json {
  const text = JSON.stringify(value)
  const filtered = filterJson(rules, text)
  return filtered === text ? value : (parseJson(filtered) ?? null)
}

function unseen(): StreamPart {
  const why = failure(
    'policy_denied',
    'the answer holds a sound, a picture or a file, which cannot be looked into for personal data',
  )
  return { type: 'failure', failure: { failure: why, retry: 'no', why: 'unscannable answer' } }
}
