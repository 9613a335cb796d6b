import { expect, test } from 'vitest'
import { decoderOf } from '#src/core/codec.ts'
import { collect } from '#src/core/collect.ts'
import type { StreamPart } from '#src/core/answer.ts'
import type { JsonObject } from '#src/core/json.ts'
import { responseStream } from './responses-decode-stream.ts'

const NO_BYTES = new Uint8Array()

function decode(events: readonly JsonObject[]): readonly StreamPart[] {
  let decoder = decoderOf(responseStream('x'))
  const parts: StreamPart[] = []
  for (const event of events) {
    const step = decoder.event({ bytes: NO_BYTES, data: JSON.stringify(event), comment: false })
    decoder = step.decoder
    parts.push(...step.parts)
  }
  return [...parts, ...decoder.end()]
}

const said = (index: number, delta: string): JsonObject => ({
  type: 'response.output_text.delta',
  output_index: 0,
  content_index: index,
  delta,
})
const done = (...texts: readonly string[]): JsonObject => ({
  type: 'response.output_item.done',
  output_index: 0,
  item: { type: 'message', content: texts.map((text) => ({ type: 'output_text', text })) },
})
const COMPLETED = { type: 'response.completed', response: { id: '', status: 'completed' } }

function textsOf(...events: readonly JsonObject[]): readonly string[] {
  const parts = decode([...events, COMPLETED])
  const open = parts.filter(({ type }) => type === 'part-start').length
  expect(parts.filter(({ type }) => type === 'part-end')).toHaveLength(open)
  return collect(parts).choices.flatMap((choice) => choice.parts.map((part) => (part.type === 'text' ? part.text : '')))
}

test('a text is said once, whatever place its events name', () => {
  expect(textsOf(said(0, '안'), said(0, '녕'), done('안녕'))).toEqual(['안녕'])
  // Bedrock Mantle counts the thoughts before it.
  expect(textsOf(said(1, '안'), said(1, '녕'), done('안녕'))).toEqual(['안녕'])
  expect(textsOf(said(1, '안녕'), { type: 'response.content_part.done', content_index: 1 }, done('안녕'))).toEqual([
    '안녕',
  ])
})

test('a text that no event has said comes with its message', () => {
  expect(textsOf(done('안녕'))).toEqual(['안녕'])
  expect(textsOf(said(0, '가'), done('가', '나'))).toEqual(['가', '나'])
  expect(textsOf(said(1, '나'), done('가', '나')).toSorted()).toEqual(['가', '나'])
})

test('an id of no letters is none', () => {
  const [start] = decode([{ type: 'response.created', response: { id: '', model: 'm' } }])
  expect(start).toEqual({ type: 'start', model: 'm' })
})
