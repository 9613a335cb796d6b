// Guards of answers: what is guarded against reaches no caller, whatever the upstream speaks and whatever the caller speaks, whole and streamed.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { guardedText } from '#src/core/guarded-text.ts'
import { isObject, parseJson } from '#src/core/json.ts'
import { createGateway } from '#src/index.ts'
import { startTails, type Ends } from '#src/pipeline/watched-tails.ts'
import { mockProviders, script, stream, type Answer } from '#src/testing.ts'
import { LEAST } from '../support/documented-fields.ts'
import { LONG } from '../support/law.ts'

const HOST = 'https://mock.test'
const FACTS = { developer: 'tutti-test', lineage: [], price: { input: 10, output: 20 } }
const UPSTREAMS = [
  { type: 'openai-compatible', baseUrl: `${HOST}/v1` },
  { type: 'openai', baseUrl: `${HOST}/v1` },
  { type: 'anthropic', baseUrl: `${HOST}/v1` },
  { type: 'gemini', baseUrl: `${HOST}/v1beta` },
  { type: 'ollama-native', baseUrl: HOST, local: false },
  { type: 'cohere', baseUrl: `${HOST}/v2` },
] as const
const CALLERS = [
  { ...LEAST.chat, streams: true },
  { ...LEAST.responses, streams: true },
  { ...LEAST.messages, streams: true },
  { path: '/v1beta/models/alias:generateContent', body: LEAST.geminiGenerate.body, streams: false },
  { path: '/v1beta/models/alias:streamGenerateContent?alt=sse', body: LEAST.geminiGenerate.body, streams: false },
  { path: '/v1beta/models/alias:streamGenerateContent', body: LEAST.geminiGenerate.body, streams: false },
]
const CASES = UPSTREAMS.flatMap((upstream) =>
  CALLERS.flatMap(({ path, body, streams }) =>
    (streams ? [false, true] : [false]).map((streamed) => ({
      name: `${upstream.type}, ${path}${streamed ? ', streamed' : ''}`,
      upstream,
      path,
      body: { ...body, ...(path.startsWith('/v1beta') ? {} : { model: 'alias' }), ...(streamed && { stream: true }) },
    })),
  ),
)

const SAYS = [
  'all is well and good ',
  'so far and further on, ',
  'its co',
  'dena',
  'me is ',
  'onyx',
  ' and the rest is silence',
]
const WORD = { name: 'g', guard: { literals: ['Codename'], on: ['output'] }, reason: 'that stays here' }
const PATTERN = { name: 'g', guard: { patterns: ['is [a-z]nyx\\b'], on: ['output'] }, reason: 'that stays here' }
const WEBHOOK = {
  name: 'g',
  guard: { webhook: { url: 'https://guard.example/check' }, on: ['output'] },
  reason: 'that stays here',
}

interface World {
  readonly policies: readonly object[]
  readonly says?: Answer
  readonly allow?: boolean | undefined
  readonly upstream?: object
  /** Bytes of the upstream's answer at once; absent: as many as there are. */
  readonly chunk?: number
}

async function start({ policies, says = stream(SAYS), allow, upstream = UPSTREAMS[0], chunk }: World) {
  const mock = mockProviders({ script: script(says), baseUrl: HOST })
  const models = { alias: { targets: ['up/m'], retry: { attempts: 2 } } }
  const own = { apiKey: 'sk-a', ...upstream, models: { m: FACTS } }
  const log: string[] = []
  const asked: string[] = []
  const gateway = await createGateway(
    { version: 1, providers: { up: own }, models, policies },
    {
      log: (line) => void (line.startsWith('{"event"') || log.push(line)),
      async fetch(url, init) {
        const answer = url.startsWith('https://guard.example') ? undefined : await mock.fetch(url, init)
        if (answer) return chunk === undefined ? answer : inChunks(answer, chunk)
        asked.push(await new Response(init.body).text())
        return allow === undefined ? new Response(null, { status: 500 }) : Response.json({ allow })
      },
    },
  )
  async function ask(path: string, body: object) {
    const request = new Request(`http://tutti${path}`, { method: 'POST', body: JSON.stringify(body) })
    const response = await gateway.fetch(request)
    return { status: response.status, text: await response.text() }
  }
  const sent = () => mock.requests.filter(({ url }) => !url.endsWith('/api/tags') && !url.endsWith('/api/show'))
  return { ask, asked, sent, attempts: () => JSON.parse(log.at(-1) ?? '').attempts, log }
}

/** The words that a caller was given, in whatever events. */
function wordsIn(text: string): string {
  const words: string[] = []
  const whole = parseJson(text)
  const lines = whole === undefined ? text.split('\n').map((line) => line.replace(/^data: /u, '')) : [text]
  for (const line of lines) {
    JSON.stringify(parseJson(line) ?? null, (name, value: unknown) => {
      if (['content', 'text', 'delta'].includes(name) && typeof value === 'string') words.push(value)
      return value
    })
  }
  return words.join('')
}

describe.each(CASES)('$name', ({ upstream, path, body }) => {
  test.each([
    ['a word', WORD, undefined],
    ['a pattern', PATTERN, undefined],
    ['a webhook', WEBHOOK, false],
  ] as const)('%s that is guarded against does not come through, and is billed once', async (_name, rule, allow) => {
    const world = await start({ policies: [rule], allow, upstream })
    const { status, text } = await world.ask(path, body)
    expect(text).toContain('that stays here')
    for (const word of ['dena', 'onyx', 'silence']) expect(text).not.toContain(word)
    // A word is seen before it is all there; of what only the whole answer shows nothing goes out.
    const early = rule === WORD && status === 200
    if (!early) expect({ status, words: wordsIn(text).includes('well') }).toEqual({ status: 403, words: false })
    expect(world.sent()).toHaveLength(1)
    const [attempt, ...more] = world.attempts()
    expect(more).toEqual([])
    expect(attempt).toMatchObject({ outcome: 'guarded', rule: 'g' })
    expect(attempt.cost_usd).toBeGreaterThan(0)
    expect(world.asked.join('')).toContain(rule === WEBHOOK ? SAYS.join('') : '')
    expect(world.log.join('')).not.toContain('onyx')
  })

  test('what is not comes through as it came', async () => {
    const clean = { ...WORD, guard: { literals: ['codenames'], on: ['output'] } }
    for (const policies of [[clean], [{ ...PATTERN, guard: { patterns: ['^onyx'], on: ['output'] } }], [WEBHOOK]]) {
      const plain = await (await start({ policies: [], upstream })).ask(path, body)
      const world = await start({ policies, allow: true, upstream })
      const { status, text } = await world.ask(path, body)
      expect(status).toBe(200)
      expect(wordsIn(text)).toContain(SAYS.join(''))
      expect(wordsIn(text)).toBe(wordsIn(plain.text))
      expect(world.attempts()).toMatchObject([{ outcome: 'answered' }])
    }
  })
})

const CHAT = { path: LEAST.chat.path, body: { ...LEAST.chat.body, model: 'alias' } }
const STREAMED = { ...CHAT.body, stream: true }

test('a stream between two of one dialect stays byte for byte', async () => {
  const of = async (policies: readonly object[]) => {
    const { text } = await (await start({ policies, allow: true })).ask(CHAT.path, STREAMED)
    return text
  }
  const plain = await of([])
  expect(plain).toContain('[DONE]')
  expect(await of([{ ...WORD, guard: { literals: ['nothing of it'], on: ['output'] } }])).toBe(plain)
  expect(await of([WEBHOOK])).toBe(plain)
})

/** The same bytes, so many at a time. */
function inChunks(response: Response, size: number): Response {
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const bytes = new Uint8Array(await response.arrayBuffer())
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size))
      controller.close()
    },
  })
  return new Response(body, response)
}

test.each([1, 7, 60, 250])(
  'in chunks of %i bytes what comes before goes out, and the stream shows that it was ended',
  async (chunk) => {
    const world = await start({ policies: [WORD], chunk })
    const { status, text } = await world.ask(CHAT.path, STREAMED)
    expect(status).toBe(200)
    expect(wordsIn(text)).toBe(SAYS[0])
    expect(text).not.toContain('[DONE]')
    const last = parseJson(text.trim().split('\n').at(-1)?.slice(6) ?? '')
    expect(isObject(last) && last['error']).toMatchObject({
      code: 'policy_denied',
      rule: 'g',
      message: 'that stays here',
    })
    expect(world.attempts()).toMatchObject([{ outcome: 'guarded', rule: 'g' }])
  },
)

test('a guard that does not answer ends the answer, unless the rule may be left out', async () => {
  for (const body of [CHAT.body, STREAMED]) {
    const shut = await (await start({ policies: [WEBHOOK] })).ask(CHAT.path, body)
    expect({ status: shut.status, words: wordsIn(shut.text) }).toMatchObject({ status: 403 })
    expect(shut.text).toContain('policy_error')
    expect(shut.text).not.toContain('silence')
    const open = await (await start({ policies: [{ ...WEBHOOK, onError: 'allow' }] })).ask(CHAT.path, body)
    expect(open.status).toBe(200)
    expect(wordsIn(open.text)).toContain(SAYS.join(''))
  }
})

test('in shadow the answer goes on as it comes, and what would have ended it is noted', async () => {
  for (const rule of [WORD, PATTERN, WEBHOOK]) {
    const world = await start({ policies: [{ ...rule, mode: 'shadow' }], allow: false })
    const { status, text } = await world.ask(CHAT.path, STREAMED)
    expect(status).toBe(200)
    expect(wordsIn(text)).toContain(SAYS.join(''))
    expect(world.attempts()).toMatchObject([{ outcome: 'answered', shadow: [{ rule: 'g', code: 'guarded' }] }])
  }
})

test('what is taken out of an answer is not told to whoever is asked about it', async () => {
  const says = stream(['write to hong', '@example.com', ' today'])
  for (const body of [CHAT.body, STREAMED]) {
    const world = await start({ policies: [WEBHOOK, { name: 'r', redact: ['email'] }], allow: true, says })
    const { status, text } = await world.ask(CHAT.path, body)
    expect(status).toBe(200)
    expect(text + world.asked.join('')).not.toContain('example.com')
    expect(world.asked.join('')).toContain('EMAIL')
  }
})

test('a stream that nobody can read is refused before it is sent', async () => {
  const world = await start({ policies: [WORD] })
  const { status, text } = await world.ask('/v1/completions', { model: 'alias', prompt: 'hi', stream: true })
  expect({ status, sent: world.sent().length }).toEqual({ status: 403, sent: 0 })
  expect(text).toContain('leave `stream` out')
  expect((await world.ask('/v1/completions', { model: 'alias', prompt: 'hi' })).text).toContain('that stays here')
})

const eventOf = (delta: object) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`
const callOf = (index: number, args = '{}') => ({
  tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name: 'f', arguments: args } }],
})
const FINISH = 'data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'

const ONYX = { ...WORD, guard: { literals: ['onyx'], on: ['output'] } }
/** Texts that a webhook was told. */
const ASKED: unknown[] = []

interface To {
  readonly path: string
  readonly body: object
}

const STREAMS: To = { path: CHAT.path, body: { ...STREAMED, model: 'up/m' } }

/** What a caller gets of an answer in the upstream's own words. */
async function relayed(policies: readonly object[], says: string, { path, body }: To = STREAMS) {
  const own = { ...UPSTREAMS[1], apiKey: 'sk-a', models: { m: FACTS } }
  const headers = { 'content-type': says.startsWith('data:') ? 'text/event-stream' : 'application/json' }
  const gateway = await createGateway(
    { version: 1, providers: { up: own }, policies: policies.map((rule, at) => ({ ...rule, name: `g${at}` })) },
    {
      log() {},
      async fetch(url, init) {
        if (!url.startsWith('https://guard.example')) return new Response(says, { headers })
        ASKED.push(JSON.parse(await new Response(init.body).text()).data.texts)
        return Response.json({ allow: true })
      },
    },
  )
  return (
    await gateway.fetch(new Request(`http://tutti${path}`, { method: 'POST', body: JSON.stringify(body) }))
  ).text()
}

const answered = (policies: readonly object[], deltas: readonly object[]) =>
  relayed(policies, deltas.map(eventOf).join('') + FINISH)

test.each([
  ['a call', [{ content: 'its Code' }, callOf(0), { content: 'name is onyx' }]],
  ['a thought', [{ content: 'its Code' }, { reasoning_content: 'well' }, { content: 'name is onyx' }]],
  ['words', [{ reasoning_content: 'its Code' }, { content: 'well' }, { reasoning_content: 'name is onyx' }]],
])('a word that goes on behind %s does not come through', async (_what, deltas) => {
  for (const rule of [WORD, { ...PATTERN, guard: { patterns: ['codename'], on: ['output'] } }]) {
    const text = await answered([rule], deltas)
    expect(text).toContain('that stays here')
    expect(text).not.toContain('onyx')
  }
  // What only stood before something else may go on behind it.
  expect(await answered([{ ...WORD, guard: { literals: ['Codename.'], on: ['output'] } }], deltas)).toContain('[DONE]')
})

test.each([
  [
    'a token that was not chosen',
    { content: 'so' },
    { content: [{ token: 'so', logprob: -1, top_logprobs: [{ token: 'onyx' }] }] },
  ],
  ['a member that nobody reads', { content: 'so', note: { aside: ['onyx'] } }, null],
  ['a name in a call', callOf(0, '{"onyx":1}'), null],
  ['an escape in a call', callOf(0, String.raw`{"a":"on\u0079x"}`), null],
])('%s is looked at in streams too', async (_what, delta, logprobs) => {
  const event = eventOf(delta).replace('"finish_reason"', `"logprobs":${JSON.stringify(logprobs)},"finish_reason"`)
  const text = await relayed([ONYX], event + FINISH)
  expect(text).toContain('that stays here')
  expect(text).not.toContain('[DONE]')
})

test('a word of the wire, the name of the model and what the request said are no words of an answer', async () => {
  const message = { role: 'assistant', content: 'so' }
  const chat = {
    id: 'age-1',
    object: 'chat.completion',
    model: 'age',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
  }
  const response = {
    id: 'age-1',
    object: 'response',
    status: 'completed',
    model: 'age',
    instructions: 'my age',
    tools: [{ type: 'function', name: 'age' }],
    output: [{ type: 'message', id: 'age-2', role: 'assistant', content: [{ type: 'output_text', text: 'so' }] }],
  }
  const age = { ...WORD, guard: { literals: ['age'], on: ['output'] } }
  for (const [path, body, more] of [
    [LEAST.chat.path, chat, LEAST.chat.body],
    [LEAST.responses.path, response, LEAST.responses.body],
  ] as const) {
    const text = await relayed([age, WEBHOOK], JSON.stringify(body), { path, body: { ...more, model: 'up/m' } })
    expect(text).toContain('"so"')
    expect(ASKED.splice(0)).toEqual([['so']])
  }
})

test('pictures are told to nobody, and keep no answer in', async () => {
  const picture = { created: 1, data: [{ b64_json: `onyx${'A'.repeat(250_000)}`, revised_prompt: 'a cat' }] }
  const to = { path: '/v1/images/generations', body: { model: 'up/m', prompt: 'a cat' } }
  const pattern = { ...PATTERN, guard: { patterns: ['onyx$'], on: ['output'] } }
  expect(await relayed([pattern, WEBHOOK], JSON.stringify(picture), to)).toContain('b64_json')
  expect(ASKED.splice(0)).toEqual([['a cat']])
  // A word that was written all the same is found.
  expect(await relayed([ONYX], JSON.stringify(picture), to)).toContain('that stays here')
  const small = { ...picture, data: [{ b64_json: `${'A'.repeat(300)}onyx` }] }
  expect(await relayed([pattern], JSON.stringify(small), to)).toContain('that stays here')
})

test('whoever is asked reads arguments of a call as they are meant, and words that look like a picture', async () => {
  const long = 'Long'.repeat(80)
  const deltas = [{ content: long }, callOf(0, String.raw`{"a":"\ud55c\uac15"}`)]
  expect(await answered([WEBHOOK], deltas)).toContain('[DONE]')
  expect(ASKED.splice(0)).toEqual([['a', '한강', 'f', long]])
})

describe('words of a stream in any pieces', () => {
  test('what a step costs does not grow with the texts that are open', () => {
    const tails = startTails(20)
    const part = { type: 'tool-call', id: 'c', name: 'f', input: 'a text of forty letters that is left open' } as const
    let looked = 0
    for (let index = 0; index < 3000; index++) {
      tails.add([{ type: 'part-start', choice: 0, index, part }])
      looked += tails.open().length
      expect(tails.trim()).toBe(true)
    }
    expect(looked).toBe(6000)
  })

  const alphabet = fc.constantFrom('a', 'b', 'A', '\u200b', ' ', '\n', 'á', '한', '가')
  const pieces = fc.array(fc.string({ unit: alphabet, maxLength: 8 }), { maxLength: 12 })
  const words = fc.string({ unit: fc.constantFrom('a', 'b', '한'), minLength: 1, maxLength: 6 })

  test('are found, and nothing is let go of that one of them begins in', () => {
    fc.assert(
      fc.property(pieces, words, (said, word) => {
        const tails = startTails(word.length)
        const ends: Ends[] = []
        let found = false
        let [text, free] = ['', '']
        for (const piece of said) {
          text += piece
          ends.push(tails.add([{ type: 'delta', choice: 0, index: 0, text: piece }]))
          found ||= tails.open().some((open) => guardedText(open).includes(word))
          expect(found).toBe(guardedText(text).includes(word))
          if (found) break
          tails.trim()
          const covered = ends.findLast((end) => tails.covers(end))
          const [due] = covered ? [...covered.values()] : [0]
          free = text.slice(0, due)
        }
        // Whatever stays back begins before the word that was found.
        if (found)
          expect(guardedText(free + word).length - word.length).toBeLessThanOrEqual(guardedText(text).indexOf(word) + 1)
      }),
      { numRuns: LONG ? 100_000 : 2000 },
    )
  })
})
