import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '#src/core/json.ts'
import { arrayAt, numberAt, objectAt, parseJson, stringAt } from '#src/core/json.ts'
import { cut, fail, reply, script, stall, stream, times, when } from './builders.ts'
import { DEMO_SCRIPT } from './config.ts'
import { cutInto, splitText } from './pieces.ts'
import { createPlayer } from './player.ts'
import type { RequestRecord, Script, Step } from './script.ts'
import { DEFAULT_SCRIPT } from './script.ts'

const clock = { now: () => 1_800_000_000_000 }

function request(body: JsonObject = {}, headers: Record<string, string> = {}): RequestRecord {
  const full = { model: 'gpt-x', messages: [{ role: 'user', content: 'hi' }], ...body }
  return { method: 'POST', url: 'https://api.openai.com/v1/chat/completions', headers, body: full }
}

function stepsOf(given: Script, body: JsonObject = {}): readonly Step[] {
  return createPlayer(given, { clock }).answer(request(body)).steps
}

function textOf(steps: readonly Step[]): string {
  const decoder = new TextDecoder()
  return steps.map((step) => (step.kind === 'bytes' ? decoder.decode(step.bytes, { stream: true }) : '')).join('')
}

function statusOf(steps: readonly Step[]): number | undefined {
  return steps.find((step) => step.kind === 'head')?.status
}

function answerOf(body: JsonObject): JsonObject {
  const parsed = parseJson(textOf(stepsOf(DEFAULT_SCRIPT, body)))
  return objectAt({ parsed }, 'parsed') ?? {}
}

describe('the default script', () => {
  test('names the model, in Korean and in English', () => {
    const text = textOf(stepsOf(DEFAULT_SCRIPT))
    expect(text).toContain('안녕하세요')
    expect(text).toContain('I am gpt-x')
  })

  test('keeps to n and max_tokens, and counts what it wrote', () => {
    const answer = answerOf({ n: 3, max_tokens: 4 })
    expect(arrayAt(answer, 'choices')).toHaveLength(3)
    expect(answer).toMatchObject({ choices: [{ finish_reason: 'length' }, {}, {}], usage: { completion_tokens: 12 } })
  })

  const parameters = { type: 'object', properties: { city: { enum: ['Seoul'] } }, required: ['city'] }
  const tools = [{ type: 'function', function: { name: 'weather', parameters } }]
  test('calls the tool it is given, until the tool has answered', () => {
    const called = { name: 'weather', arguments: '{"city":"Seoul"}' }
    expect(answerOf({ tools })).toMatchObject({
      choices: [{ message: { content: null, tool_calls: [{ function: called }] }, finish_reason: 'tool_calls' }],
    })
    const messages = [{ role: 'tool', tool_call_id: 'x', content: '맑음' }]
    expect(answerOf({ tools, messages })).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
    expect(answerOf({ tools, tool_choice: 'none' })).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
  })

  test('gives log probabilities when they are asked for', () => {
    const answer = answerOf({ logprobs: true, top_logprobs: 1, max_tokens: 1 })
    expect(answer).toMatchObject({ choices: [{ logprobs: { content: [{ token: '안녕하세요! ' }] } }] })
    expect(answerOf({})).toMatchObject({ choices: [{ logprobs: null }] })
  })

  test('usage in a stream comes when it is asked for, once', () => {
    const asked = textOf(stepsOf(DEFAULT_SCRIPT, { stream: true, stream_options: { include_usage: true } }))
    expect(asked.split('"prompt_tokens"')).toHaveLength(2)
    expect(asked).toContain('"choices":[],"usage":{')
    expect(textOf(stepsOf(DEFAULT_SCRIPT, { stream: true }))).not.toContain('usage')
  })

  test('completions: one answer a prompt, and the stream says the same', () => {
    const ask = (stream: boolean) => {
      const body = { model: 'gpt-x', prompt: ['a', 'b'], stream, stream_options: { include_usage: true } }
      const asked = { ...request(), url: 'http://127.0.0.1:1/v1/completions', body }
      return textOf(createPlayer(DEFAULT_SCRIPT, { clock }).answer(asked).steps)
    }
    const whole = parseJson(ask(false))
    const events = ask(true)
      .split('\n\n')
      .filter((event) => event.startsWith('data: {'))
      .map((event) => parseJson(event.slice('data: '.length)))
    const choices = events.flatMap((event) => arrayAt(event, 'choices') ?? [])
    const said = [0, 1].map((index) => {
      const mine = choices.filter((choice) => numberAt(choice, 'index') === index)
      return mine.map((choice) => stringAt(choice, 'text')).join('')
    })
    expect(arrayAt(whole, 'choices')?.map((choice) => stringAt(choice, 'text'))).toEqual(said)
    expect(said[0]).toContain('안녕하세요')
    expect(events.at(-1)).toMatchObject({ choices: [], usage: objectAt(whole, 'usage') })
  })

  test('refuses what OpenAI refuses', () => {
    expect(answerOf({ messages: undefined })).toMatchObject({
      error: { param: 'messages', type: 'invalid_request_error' },
    })
  })
})

test('the same script, seed and request give the same bytes', () => {
  expect(textOf(stepsOf(DEFAULT_SCRIPT, { stream: true }))).toBe(textOf(stepsOf(DEFAULT_SCRIPT, { stream: true })))
})

test('cut after any number of bytes: exactly these bytes, and no end', () => {
  const whole = stepsOf(script(stream(['안녕', ' 👋'])), { stream: true })
  const bytes = whole.reduce((sum, step) => sum + (step.kind === 'bytes' ? step.bytes.length : 0), 0)
  fc.assert(
    fc.property(fc.nat(bytes), fc.integer({ min: 1, max: 40 }), (afterBytes, split) => {
      const answer = stream(['안녕', ' 👋'], { wire: { split } })
      const steps = stepsOf(script(cut(answer, { afterBytes })), { stream: true })
      const sent = steps.reduce((sum, step) => sum + (step.kind === 'bytes' ? step.bytes.length : 0), 0)
      expect(sent).toBe(afterBytes)
      expect(steps.at(-1)).toEqual({ kind: 'cut', how: 'fin' })
      expect(steps.every((step) => step.kind !== 'bytes' || step.bytes.length <= split)).toBe(true)
    }),
  )
})

test('pieces put together are the text, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 9 }), (text, count) => {
      expect(splitText(text).join('')).toBe(text)
      expect(cutInto(text, count).join('')).toBe(text)
      expect(cutInto(text, count).length).toBeLessThanOrEqual(count)
    }),
  )
})

test('usage on every chunk counts what was sent so far', () => {
  const text = textOf(stepsOf(script(stream(['a', 'b', 'c'], { usageIn: 'every' })), { stream: true }))
  const counted = text.split('"completion_tokens":').slice(1)
  expect(counted.map((rest) => Number.parseInt(rest, 10))).toEqual([0, 1, 2, 3, 3])
})

test('time goes by before the head, the first token and each other one', () => {
  const steps = stepsOf(script(stream(['a', 'b'], { headMs: 5, firstTokenMs: 7, tokenMs: 3 })), { stream: true })
  expect(steps.map((step) => (step.kind === 'wait' ? step.ms : step.kind)).join(' ')).toBe(
    '5 head bytes 7 bytes 3 bytes bytes bytes end',
  )
})

test('a stall is the last thing that happens', () => {
  expect(stepsOf(script(stall(reply('x'), { beforeHead: true })))).toEqual([{ kind: 'stall' }])
})

test('a body that ends early in proper form has no content-length that tells on it', () => {
  const [head] = stepsOf(script(cut(reply('hello'), { afterBytes: 10, how: 'terminated' })))
  expect(head).toMatchObject({ kind: 'head', headers: { 'content-type': 'application/json' } })
  expect(head).not.toHaveProperty('headers.content-length')
})

test('nth, times, model and stream choose the answer', () => {
  const player = createPlayer(
    script(when({ nth: 2 }, fail(500)), when({ model: 'gpt-*', stream: true }, fail(501)), times(2, fail(502))),
    { clock },
  )
  const ask = (body: JsonObject) => statusOf(player.answer(request(body)).steps)
  expect([ask({}), ask({}), ask({ stream: true }), ask({}), ask({ model: 'x' })]).toEqual([502, 500, 501, 502, 400])
})

test('a star in a model stands for any run, wherever it is', () => {
  const ask = (pattern: string, model: string) =>
    statusOf(createPlayer(script(when({ model: pattern }, fail(500))), { clock }).answer(request({ model })).steps)
  expect([ask('*cut*', 'a-cut-b'), ask('gpt-*', 'gpt-6'), ask('gpt', 'gpt')]).toEqual([500, 500, 500])
  expect([ask('gpt-*', 'my-gpt-6'), ask('gpt', 'gpt-6')]).toEqual([400, 400])
})

describe('the demo', () => {
  test('flaky fails the first attempt of some requests, and then answers', () => {
    const player = createPlayer(DEMO_SCRIPT, { clock })
    const statuses = Array.from({ length: 200 }, (_, index) => {
      const ask = () => statusOf(player.answer(request({ model: 'flaky' }, { 'x-request-id': `r${index}` })).steps)
      return [ask(), ask()]
    })
    const failed = statuses.filter(([first]) => first === 503)
    expect(failed.length).toBeGreaterThan(40)
    expect(failed.length).toBeLessThan(100)
    expect(statuses.every(([, second]) => second === 200)).toBe(true)
  })

  test('the same request id meets the same fate', () => {
    const ask = (id: string) =>
      statusOf(createPlayer(DEMO_SCRIPT, { clock }).answer(request({ model: 'flaky' }, { 'x-request-id': id })).steps)
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) expect(ask(id)).toBe(ask(id))
  })
})
