import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Adapter } from '#src/core/adapter.ts'
import type { Answer } from '#src/core/answer.ts'
import type { ConversationCodec } from '#src/core/codec.ts'
import { collect } from '#src/core/collect.ts'
import { arrayAt, isObject, numberAt, objectAt, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import type { Usage } from '#src/core/usage.ts'
import { cohere } from '#providers/cohere/index.ts'
import { hyperclovaXNative } from '#providers/hyperclova-x-native/index.ts'
import { ollamaNative } from '#providers/ollama-native/index.ts'
import { workersAiNative } from '#providers/workers-ai-native/index.ts'
import { decodeSteps, objectOf } from '../support/answers.ts'
import { corpusAbsent, SHARED } from '../support/require.ts'

/** Recorded traffic of vendors whose form no caller speaks, decoded over every split and held against what anybody reads in the bytes. */
const absent = corpusAbsent()

interface Form {
  readonly adapter: Adapter
  /** What one event or a whole answer says, read without the adapter. */
  plainly(value: JsonObject): Partial<Plain>
}

interface Plain {
  readonly text: string
  readonly reasoning: string
  /** Arguments as they came: text that goes on, or an object. */
  readonly input: string
  readonly calls: readonly string[]
  readonly finish: string
  readonly usage: Usage
}

const FORMS: Readonly<Record<string, Form>> = {
  'cohere.v2': { adapter: cohere, plainly: ofCohere },
  'clova.v3': { adapter: hyperclovaXNative, plainly: ofClova },
  'ollama.chat': { adapter: ollamaNative, plainly: ofOllama },
  'openai.chat': { adapter: workersAiNative, plainly: ofChat },
}
/** Older forms of the same vendors: they are not asked for, and what answers so is no answer. */
const NOT_SPOKEN: Readonly<Record<string, Adapter>> = { 'cohere.v1': cohere, 'ollama.generate': ollamaNative }

function ofCohere(value: JsonObject): Partial<Plain> {
  const delta = objectAt(value, 'delta') ?? value
  const message = objectAt(delta, 'message')
  const content = message?.['content']
  const said = Array.isArray(content) ? content : [content]
  const wire = message?.['tool_calls']
  const calls = Array.isArray(wire) ? wire : [wire]
  const tokens = objectAt(objectAt(delta, 'usage'), 'tokens')
  const cached = numberAt(objectAt(delta, 'usage'), 'cached_tokens')
  return {
    text: said.map((part) => stringAt(part, 'text') ?? '').join(''),
    reasoning: stringAt(message, 'tool_plan') ?? '',
    input: calls.map((call) => stringAt(objectAt(call, 'function'), 'arguments') ?? '').join(''),
    calls: calls.flatMap((call) => stringAt(objectAt(call, 'function'), 'name') ?? []),
    ...finished(stringAt(delta, 'finish_reason')),
    ...(tokens && {
      usage: {
        ...counted(tokens, 'input_tokens', 'output_tokens'),
        ...(cached !== undefined && { cachedInput: cached }),
      },
    }),
  }
}

function ofClova(value: JsonObject): Partial<Plain> {
  const usage = objectAt(value, 'usage')
  // What holds usage says all of the text again.
  const text = usage ? '' : (stringAt(objectAt(value, 'message'), 'content') ?? '')
  return {
    text,
    ...finished(stringAt(value, 'finishReason')),
    ...(usage && { usage: counted(usage, 'promptTokens', 'completionTokens') }),
  }
}

function ofOllama(value: JsonObject): Partial<Plain> {
  const message = objectAt(value, 'message')
  const calls = (arrayAt(message, 'tool_calls') ?? []).map((call): JsonObject => objectAt(call, 'function') ?? {})
  return {
    text: stringAt(message, 'content') ?? '',
    reasoning: stringAt(message, 'thinking') ?? '',
    input: calls.map((call) => JSON.stringify(call['arguments'])).join(''),
    calls: calls.map((call) => stringAt(call, 'name') ?? ''),
    ...finished(stringAt(value, 'done_reason')),
    ...(value['done'] === true && { usage: counted(value, 'prompt_eval_count', 'eval_count') }),
  }
}

function ofChat(value: JsonObject): Partial<Plain> {
  const choice = arrayAt(value, 'choices')?.[0]
  const content = (objectAt(choice, 'delta') ?? objectAt(choice, 'message'))?.['content'] ?? ''
  const usage = objectAt(value, 'usage')
  return {
    text: typeof content === 'string' ? content : JSON.stringify(content),
    ...finished(stringAt(choice, 'finish_reason')),
    ...(usage && { usage: counted(usage, 'prompt_tokens', 'completion_tokens') }),
  }
}

function finished(finish: string | undefined): Partial<Plain> {
  return finish === undefined ? {} : { finish }
}

function counted(owner: JsonObject, input: string, output: string): Usage {
  const [read, written] = [numberAt(owner, input), numberAt(owner, output)]
  return { ...(read !== undefined && { input: read }), ...(written !== undefined && { output: written }) }
}

/** All events of a body as one. */
function together(values: readonly JsonObject[], { plainly }: Form): Partial<Plain> {
  const all = values.map(plainly)
  const join = (name: 'text' | 'reasoning' | 'input') => all.map((one) => one[name] ?? '').join('')
  const usage = all.findLast((one) => one.usage !== undefined)?.usage
  const finish = all.findLast((one) => one.finish !== undefined)?.finish
  return {
    text: join('text'),
    reasoning: join('reasoning'),
    input: join('input'),
    calls: all.flatMap(({ calls = [] }) => calls),
    ...finished(finish),
    ...(usage && { usage }),
  }
}

function read(answer: Answer): Partial<Plain> {
  const [choice] = answer.choices
  const parts = choice?.parts ?? []
  const raw = choice?.finish.raw
  // A call without arguments has an empty object for them.
  const input = parts.map((part) => (part.type === 'tool-call' && part.input !== '{}' ? part.input : '')).join('')
  return {
    text: parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    reasoning: parts.map((part) => (part.type === 'reasoning' ? (part.text ?? '') : '')).join(''),
    input,
    calls: parts.flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])),
    ...finished(raw),
    ...(answer.usage && { usage: answer.usage }),
  }
}

interface Case {
  readonly id: string
  readonly api: string
  readonly kind: string
  readonly status: number
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly features: readonly unknown[]
}

function load(): readonly Case[] {
  const corpus = (file: string): Buffer => readFileSync(join(SHARED, 'corpus', file))
  const rows = parseJson(corpus('index.json').toString())
  if (!Array.isArray(rows)) return []
  return rows.filter(isObject).flatMap((row) => {
    const [id, api] = [stringAt(row, 'id') ?? '', stringAt(row, 'api') ?? '']
    const own = api === 'openai.chat' ? id.startsWith('cloudflare/') : api in FORMS || api in NOT_SPOKEN
    if (!own) return []
    const features = arrayAt(parseJson(corpus(`${id}.meta.json`).toString()), 'features') ?? []
    const bytes = Uint8Array.from(corpus(stringAt(row, 'file') ?? ''))
    return [{ id, api, kind: stringAt(row, 'kind') ?? '', status: numberAt(row, 'status') ?? 0, bytes, features }]
  })
}

const cases = absent ? [] : load()
const spoken = cases.filter(({ api }) => api in FORMS)
const wholes = spoken.filter(({ kind, status }) => kind === 'json' && status === 200)
const streams = spoken.filter(({ kind, status }) => kind !== 'json' && status === 200)
const refusals = spoken.filter(({ status }) => status !== 200)
const older = cases.filter(({ api }) => api in NOT_SPOKEN)
const named = (some: readonly Case[]) => some.map((one) => [one.id, one] as const)
const textOf = ({ bytes }: Case): string => new TextDecoder().decode(bytes)

function formOf({ api }: Case): { readonly form: Form; readonly codec: ConversationCodec } {
  const form = FORMS[api]
  const codec = form?.adapter.codecs?.[0]
  if (!form || !codec) throw new TypeError(`nobody speaks ${api}`)
  return { form, codec }
}

/** Every JSON object of a body, by its lines. */
function valuesOf(one: Case): readonly JsonObject[] {
  return textOf(one)
    .split('\n')
    .map((line) => parseJson(line.startsWith('data:') ? line.slice('data:'.length) : line))
    .filter(isObject)
}

describe.skipIf(absent)('recorded traffic (../shared/corpus beside the project) of forms that no caller speaks', () => {
  test('is all there', () => {
    expect([wholes.length, streams.length, refusals.length, older.length]).toEqual([7, 8, 5, 5])
  })

  test.each(named(wholes))('%s', (_id, one) => {
    const { form, codec } = formOf(one)
    const value = objectOf(textOf(one))
    const { answer } = codec.decode(value, 'x')
    if (!answer) throw new Error('no answer')
    expect(read(answer)).toEqual(together([value], form))
    expect(one.features.includes('citations')).toBe(JSON.stringify(answer).includes('"citations"'))
    const [choice] = answer.choices
    expect(choice?.finish.unified === 'tool_calls').toBe(one.features.includes('tools'))
    for (const part of choice?.parts ?? []) {
      const citations = part.type === 'text' ? (part.citations ?? []) : []
      for (const { start, end, quote } of citations)
        expect(part.type === 'text' && part.text.slice(start, end)).toBe(quote)
    }
  })

  test.each(named(streams))('%s, over every split', (_id, one) => {
    const { form, codec } = formOf(one)
    const steps = decodeSteps(codec, [one.bytes])
    const answer = collect(steps)
    expect(read(answer)).toEqual(together(valuesOf(one), form))
    expect(steps.filter(({ type }) => type === 'finish' || type === 'end' || type === 'failure')).toHaveLength(2)
    expect(steps.at(-1)).toEqual({ type: 'end' })
    const expected = JSON.stringify(steps)
    for (let at = 1; at < one.bytes.length; at++) {
      const split = decodeSteps(codec, [one.bytes.subarray(0, at), one.bytes.subarray(at)])
      if (JSON.stringify(split) !== expected) throw new Error(`split at ${at} changes the answer`)
    }
    expect(
      JSON.stringify(
        decodeSteps(
          codec,
          Array.from(one.bytes, (byte) => Uint8Array.of(byte)),
        ),
      ),
    ).toBe(expected)
  })

  test.each(named(streams))('%s, cut anywhere, has no proper end', (_id, one) => {
    const { codec } = formOf(one)
    const text = textOf(one).trimEnd()
    // Behind its own end Cohere writes a mark that others end with.
    const last = one.api === 'cohere.v2' ? text.lastIndexOf('event: message-end') : text.lastIndexOf('\n')
    const size = new TextEncoder().encode(text.slice(0, last < 0 ? text.lastIndexOf('data:') : last)).length
    for (let at = 0; at < size; at++) {
      const steps = decodeSteps(codec, [one.bytes.subarray(0, at)])
      if (steps.some(({ type }) => type === 'end')) throw new Error(`cut at ${at} it has an end`)
    }
  })

  test.each(named(refusals))('%s', (_id, one) => {
    const { form } = formOf(one)
    const { failure, retry } = form.adapter.decodeError({ status: one.status, headers: {} }, textOf(one))
    const ours = one.status === 401
    expect({ status: failure.status, upstream: failure.upstreamStatus }).toEqual({
      status: ours ? 502 : one.status,
      upstream: one.status,
    })
    const value = objectOf(textOf(one))
    const message = stringAt(value, 'message') ?? stringAt(objectAt(value, 'status'), 'message') ?? value['error']
    if (!ours) expect(failure.message).toBe(message)
    expect(retry).toBe(one.id.endsWith('40000') ? 'no' : 'next')
  })

  test.each(named(older))('%s is an older form: no answer of this one', (_id, one) => {
    const adapter = NOT_SPOKEN[one.api]
    const [codec] = adapter?.codecs ?? []
    if (!adapter || !codec) throw new TypeError('no codec')
    if (one.status !== 200) {
      expect(adapter.decodeError({ status: one.status, headers: {} }, textOf(one))).toMatchObject({ retry: 'next' })
    } else if (one.kind === 'json') expect(codec.decode(objectOf(textOf(one)), 'x').failure).toBeDefined()
    else {
      const said = decodeSteps(codec, [one.bytes], 'ndjson').filter(({ type }) => type === 'delta')
      expect(said).toEqual([])
    }
  })
})
