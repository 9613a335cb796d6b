import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Answer, StreamPart } from '#src/core/answer.ts'
import { collect, unfold } from '#src/core/collect.ts'
import type { ConversationCodec } from '#src/core/codec.ts'
import {
  arrayAt,
  isObject,
  numberAt,
  objectAt,
  parseJson,
  stringAt,
  type Json,
  type JsonObject,
} from '#src/core/json.ts'
import { endSse, initialSse, readSse } from '#src/transport/sse.ts'
import { openaiCompatible } from '#providers/openai-compatible/index.ts'
import { adapters } from '#providers/registry.ts'
import { loadCases, type Case } from '../clients/corpus-cases.ts'
import { corpusAbsent, SHARED } from '../support/require.ts'

/** Recorded chat completions, decoded, against a plain reading of the same bytes and what their sidecars say. */
const absent = corpusAbsent()
const cases = absent ? [] : loadCases().filter(({ api, status }) => api === 'openai.chat' && status === 200)

/** Recorded errors inside a 200. */
const BROKEN = new Set([
  'groq/chat-stream-midstream-error-reasoning',
  'llamacpp/chat-stream-error-field-nonstandard',
  'llamacpp/chat-stream-error-in-data',
  'openrouter/chat-stream-midstream-error-reasoning-details-reasoning',
])
/** Fixtures that were cut where somebody stopped quoting. */
const CUT = new Set(['vllm/chat-stream-tool-args-python-client'])
const fileOf = (id: string, suffix: string): string => readFileSync(join(SHARED, 'corpus', `${id}${suffix}`), 'utf8')

function codecOf(one: Case): ConversationCodec {
  const adapter = adapters.get(one.type) ?? openaiCompatible
  const codec = [...(adapter.codecs ?? []), ...(openaiCompatible.codecs ?? [])].find(
    ({ wire }) => wire === 'openai-chat',
  )
  if (!codec) throw new Error('no chat codec')
  return codec
}

function decodeStream(codec: ConversationCodec, text: string): readonly StreamPart[] {
  const read = readSse(initialSse, new TextEncoder().encode(text))
  let decoder = codec.decoder('case')
  const parts: StreamPart[] = []
  for (const event of [...read.events, ...endSse(read.state)]) {
    const step = decoder.event(event)
    decoder = step.decoder
    parts.push(...step.parts)
  }
  return [...parts, ...decoder.end()]
}

/** What anybody reads in the bytes: the plainest way to add them up, by choice. */
interface Plain {
  text: string
  reasoning: string
  refusal: string
  calls: Map<string, { name: string; input: string }>
  finish: string
}

function plainly(values: readonly JsonObject[], stream: boolean): Map<number, Plain> {
  const all = new Map<number, Plain>()
  for (const value of values) {
    for (const choice of arrayAt(value, 'choices') ?? []) {
      const index = numberAt(choice, 'index') ?? 0
      const plain = all.get(index) ?? { text: '', reasoning: '', refusal: '', calls: new Map(), finish: '' }
      all.set(index, plain)
      const [delta, message] = [objectAt(choice, 'delta'), objectAt(choice, 'message')]
      addMessage((stream ? (delta ?? message) : (message ?? delta)) ?? {}, plain)
      plain.finish = stringAt(choice, 'finish_reason') || plain.finish
    }
  }
  return all
}

function addMessage(message: JsonObject, plain: Plain): void {
  const content = message['content']
  for (const part of Array.isArray(content) ? content : [content]) {
    // Workers AI answers with the object itself where JSON was asked for.
    const object = isObject(part) && !('type' in part) ? JSON.stringify(part) : ''
    plain.text += typeof part === 'string' ? part : (stringAt(part, 'text') ?? object)
    for (const inner of arrayAt(part, 'thinking') ?? []) plain.reasoning += stringAt(inner, 'text') ?? ''
  }
  const names = ['reasoning_content', 'reasoning', 'reasoning_text']
  const details = (arrayAt(message, 'reasoning_details') ?? []).map((own) => stringAt(own, 'text') ?? '').join('')
  plain.reasoning += [...names.map((name) => stringAt(message, name)), details].find((own) => own) ?? ''
  plain.refusal += stringAt(message, 'refusal') ?? ''
  for (const [position, call] of (arrayAt(message, 'tool_calls') ?? []).entries()) {
    const key = String(numberAt(call, 'index') ?? `at ${stringAt(call, 'id') ?? position}`)
    const own = plain.calls.get(key) ?? { name: '', input: '' }
    plain.calls.set(key, own)
    own.name ||= stringAt(objectAt(call, 'function'), 'name') ?? ''
    own.input += stringAt(objectAt(call, 'function'), 'arguments') ?? ''
  }
}

const valuesOf = (one: Case): readonly JsonObject[] => {
  const text = fileOf(one.id, one.stream ? '.sse' : '.json')
  if (!one.stream) return [parseJson(text.trim())].filter(isObject)
  return text.split('\n').flatMap((line) => {
    const value: Json | undefined = line.startsWith('data:') ? parseJson(line.slice(5)) : undefined
    return isObject(value) ? [value] : []
  })
}

function decoded(one: Case): { answer: Answer; parts: readonly StreamPart[] } {
  const codec = codecOf(one)
  if (one.stream) {
    const parts = decodeStream(codec, fileOf(one.id, '.sse'))
    return { answer: collect(parts), parts }
  }
  const [value = {}] = valuesOf(one)
  const whole = codec.decode(value, 'case')
  if (!whole.answer) throw new Error(whole.failure.failure.message)
  return { answer: whole.answer, parts: unfold(whole.answer) }
}

/** The same as the internal form has it. */
function readChoice({
  parts,
}: Answer['choices'][number]): Omit<Plain, 'finish' | 'calls'> & { calls: readonly object[] } {
  const said = (type: 'text' | 'reasoning' | 'refusal') =>
    parts.map((part) => (part.type === type ? (part.text ?? '') : '')).join('')
  const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [{ name: part.name, input: part.input }] : []))
  return { text: said('text'), reasoning: said('reasoning'), refusal: said('refusal'), calls }
}

const asInput = (input: string): string => (input.trim() === '' || input === 'null' ? '{}' : input)

test.skipIf(absent)('recorded traffic (../shared/corpus beside the project) is there', () => {
  expect(cases.length).toBeGreaterThan(150)
})

test.skipIf(absent).each(cases.map((one) => [one.id, one] as const))('%s says what its bytes say', (id, one) => {
  if (BROKEN.has(id)) {
    expect(decodeStream(codecOf(one), fileOf(id, '.sse')).map(({ type }) => type)).toContain('failure')
    return
  }
  const { answer, parts } = decoded(one)
  expect(parts.filter(({ type }) => type === 'failure')).toEqual([])
  for (const [index, plain] of plainly(valuesOf(one), one.stream)) {
    const choice = answer.choices.find((own) => own.index === index)
    const calls = [...plain.calls.values()].map(({ name, input }) => ({ name, input: asInput(input) }))
    const { text, reasoning, refusal } = plain
    expect(choice && readChoice(choice)).toEqual({ text, reasoning, refusal, calls })
    if (plain.finish !== '') expect(choice?.finish.raw).toBe(plain.finish)
    expect(choice?.finish.unified === 'tool_calls').toBe(calls.length > 0 && plain.finish !== 'length' && !CUT.has(id))
  }
  expect(collect(unfold(answer))).toEqual(answer)
})

test.skipIf(absent).each(cases.filter(({ id }) => !BROKEN.has(id)).map((one) => [one.id, one] as const))(
  '%s shows what its sidecar says',
  (id, one) => {
    const { answer, parts } = decoded(one)
    const features = new Set(arrayAt(parseJson(fileOf(id, '.meta.json')), 'features') ?? [])
    const kinds = new Set(answer.choices.flatMap((choice) => choice.parts.map(({ type }) => type)))
    if (features.has('DONE')) expect(parts.at(-1)?.type).toBe('end')
    if (features.has('no-DONE')) expect(parts.map(({ type }) => type)).not.toContain('end')
    if (features.has('tools')) expect(kinds).toContain('tool-call')
    if (features.has('refusal')) expect(kinds).toContain('refusal')
    if (features.has('audio') && one.type !== 'openai-compatible') expect(kinds).toContain('audio')
    if (features.has('n>1')) expect(answer.choices.length).toBeGreaterThan(1)
    if (features.has('reasoning-tokens')) expect(answer.usage?.reasoning).toBeGreaterThanOrEqual(0)
    if (features.has('cached-tokens')) expect(answer.usage?.cachedInput).toBeGreaterThanOrEqual(0)
    if (features.has('logprobs')) expect(answer.choices.some(({ logprobs }) => logprobs !== undefined)).toBe(true)
    const cited = answer.choices.flatMap((choice) =>
      choice.parts.flatMap((part) => (part.type === 'text' ? (part.citations ?? []) : [])),
    )
    if (features.has('annotations') || features.has('x:search_results')) expect(cited.length).toBeGreaterThan(0)
    for (const word of ['stop', 'length', 'tool_calls', 'content_filter'])
      if (features.has(`fin:${word}`) && features.size > 0)
        expect(answer.choices.map(({ finish }) => finish.raw)).toContain(word)
  },
)

test.skipIf(absent).each(cases.filter(({ stream }) => stream).map((one) => [one.id, one] as const))(
  '%s is told in order: each part once begun, once ended, nothing behind the end of its choice',
  (_id, one) => {
    const open = new Map<string, boolean>()
    const finished = new Set<number>()
    for (const step of decodeStream(codecOf(one), fileOf(one.id, '.sse'))) {
      if (!('choice' in step)) continue
      expect(finished.has(step.choice)).toBe(false)
      if (step.type === 'finish') finished.add(step.choice)
      if (!('index' in step)) continue
      const key = `${step.choice}/${step.index}`
      if (step.type === 'part-start') {
        expect(open.has(key)).toBe(false)
        expect(step.index).toBe([...open.keys()].filter((own) => own.startsWith(`${step.choice}/`)).length)
      } else expect(open.get(key)).toBe(true)
      open.set(key, step.type !== 'part-end')
    }
    expect([...open.values()]).not.toContain(true)
  },
)
