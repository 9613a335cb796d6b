import { stringAt, type JsonObject } from '#src/core/json.ts'
import { contentOf, type Content } from './content.ts'
import type { StreamEvent } from './framing.ts'
import { annotationsOf, finished, itemsOf, responseOf, tokenLogprobs, type Item } from './render-responses.ts'
import type { Render } from './surface.ts'

interface Said {
  readonly type: string
  readonly members: JsonObject
  readonly generated?: boolean
  readonly end?: boolean
}

/** All events of a streamed `response`. */
export function renderResponseStream(render: Render): readonly StreamEvent[] {
  const content = contentOf(render)
  const items = itemsOf(content, render)
  const begun = { response: responseOf(render, 'in_progress') }
  const whole: JsonObject = { ...finished(content, render), output: items.map((item) => item.json) }
  const said: readonly Said[] = [
    { type: 'response.created', members: begun },
    { type: 'response.in_progress', members: begun },
    ...items.flatMap((item, at) => itemEvents(item, at, { content, render })),
    { type: `response.${stringAt(whole, 'status') ?? ''}`, members: { response: whole }, end: true },
  ]
  return said.map(({ type, members, generated = false, end = false }, at) => ({
    json: { type, sequence_number: at, ...members },
    generated,
    name: type,
    ...(end && { end }),
  }))
}

interface From {
  readonly content: Content
  readonly render: Render
}

function itemEvents(item: Item, at: number, from: From): readonly Said[] {
  const place = { output_index: at }
  return [
    { type: 'response.output_item.added', members: { ...place, item: begunItem(item) } },
    ...insides(item, { item_id: item.id, ...place }, from),
    { type: 'response.output_item.done', members: { ...place, item: item.json } },
  ]
}

/** An item before anything of it is said. */
function begunItem({ kind, json }: Item): JsonObject {
  switch (kind) {
    case 'reasoning':
      return { ...json, summary: [] }
    case 'call':
      return { ...json, status: 'in_progress', arguments: '' }
    default:
      return { ...json, status: 'in_progress', content: [] }
  }
}

function insides(item: Item, place: JsonObject, from: From): readonly Said[] {
  const { kind, pieces } = item
  const whole = pieces.join('')
  switch (kind) {
    case 'call':
      return [
        ...deltas('response.function_call_arguments.delta', pieces, place),
        {
          type: 'response.function_call_arguments.done',
          members: { ...place, name: item.json['name'], arguments: whole },
        },
      ]
    case 'reasoning': {
      const own = { ...place, summary_index: 0 }
      const part = (text: string) => ({ ...own, part: { type: 'summary_text', text } })
      return [
        { type: 'response.reasoning_summary_part.added', members: part('') },
        ...deltas('response.reasoning_summary_text.delta', pieces, own),
        { type: 'response.reasoning_summary_text.done', members: { ...own, text: whole } },
        { type: 'response.reasoning_summary_part.done', members: part(whole) },
      ]
    }
    case 'refusal': {
      const own = { ...place, content_index: 0 }
      const part = (refusal: string) => ({ ...own, part: { type: 'refusal', refusal } })
      return [
        { type: 'response.content_part.added', members: part('') },
        ...deltas('response.refusal.delta', pieces, own),
        { type: 'response.refusal.done', members: { ...own, refusal: whole } },
        { type: 'response.content_part.done', members: part(whole) },
      ]
    }
    case 'text':
      return textEvents(pieces, { ...place, content_index: 0 }, from)
  }
}

function textEvents(pieces: readonly string[], place: JsonObject, { content, render }: From): readonly Said[] {
  const text = pieces.join('')
  const annotations = annotationsOf(content, render)
  const [none, all] = [tokenLogprobs([], render), tokenLogprobs(pieces, render)]
  const part = { type: 'output_text', text: '', annotations: [], logprobs: none }
  return [
    { type: 'response.content_part.added', members: { ...place, part } },
    ...pieces.map((delta) => ({
      type: 'response.output_text.delta',
      members: { ...place, delta, logprobs: tokenLogprobs([delta], render) },
      generated: true,
    })),
    ...annotations.map((annotation, at) => ({
      type: 'response.output_text.annotation.added',
      members: { ...place, annotation_index: at, annotation },
    })),
    { type: 'response.output_text.done', members: { ...place, text, logprobs: all } },
    { type: 'response.content_part.done', members: { ...place, part: { ...part, text, annotations, logprobs: all } } },
  ]
}

function deltas(type: string, pieces: readonly string[], place: JsonObject): readonly Said[] {
  return pieces.map((delta) => ({ type, members: { ...place, delta }, generated: true }))
}
