// Law 1. No denied egress: no byte of a request reaches a target that policy denies, by any name, alias, fallback or field.
import { beforeAll, describe, expect, test } from 'vitest'
import { createGateway, type TuttiGateway } from '#src/index.ts'
import { deepseekRows, providersOf, type Row } from '../support/deepseek-rows.ts'
import { LEAST } from '../support/documented-fields.ts'
import { LONG, reached } from '../support/law.ts'

const rows = deepseekRows()
test('there are rows to try', () => expect(rows.length).toBeGreaterThan(200))
const MESSAGES = [{ role: 'user', content: 'What is DeepSeek, and is deepseek-chat any good?' }]
const DENY = { name: 'no-deepseek', deny: { developer: 'deepseek', derived: true } }
const FREE = { developer: 'tutti-test', lineage: [] }

/** Providers that are permitted, beside the rows. */
const PERMITTED = {
  broken: { type: 'openai-compatible', baseUrl: 'https://broken.tutti.example/v1', models: { tiny: FREE } },
  good: {
    type: 'openai-compatible',
    baseUrl: 'https://good.tutti.example/v1',
    models: { tiny: FREE, 'my-deepseek-killer': FREE },
  },
  friendli: { apiKey: 'sk-test' },
  openrouter: { apiKey: 'sk-test', models: { 'some/model': FREE } },
  huggingface: { apiKey: 'sk-test', models: { 'some/model': FREE } },
}

interface Sent {
  readonly host: string
  readonly body: string
}

interface World {
  readonly gateway: TuttiGateway
  /** What went out since the last look. */
  taken(): readonly Sent[]
}

const WHOLE = {
  choices: [
    { index: 0, message: { role: 'assistant', content: 'hello' }, delta: { content: 'hello' }, finish_reason: 'stop' },
  ],
}

/** The gateway of the library over a fetch that writes down whatever leaves. */
async function start(policies: readonly object[], declared = false): Promise<World> {
  const sent: Sent[] = []
  const aliases = Object.fromEntries(rows.map(({ target }, index) => [`alias-${index}`, { targets: [target] }]))
  const fallbacks = Object.fromEntries(
    rows.map(({ target }, index) => [`behind-${index}`, { targets: ['broken/tiny', target], retry: { attempts: 4 } }]),
  )
  const config = {
    version: 1,
    providers: { ...providersOf(rows, declared), ...PERMITTED },
    models: {
      ...aliases,
      ...fallbacks,
      everything: { targets: rows.map(({ target }) => target), retry: { attempts: 20 } },
    },
    policies,
  }
  const gateway = await createGateway(config, {
    async fetch(url, init) {
      const { host } = new URL(url)
      sent.push({ host, body: await new Response(init.body).text() })
      if (host.startsWith('broken')) throw new TypeError('fetch failed')
      return Response.json(WHOLE)
    },
  })
  return { gateway, taken: () => sent.splice(0) }
}

async function post({ gateway }: World, model: string, more: object = {}): Promise<number> {
  const body = JSON.stringify({ model, messages: MESSAGES, ...more })
  const response = await gateway.fetch(new Request('http://tutti/v1/chat/completions', { method: 'POST', body }))
  await response.text()
  return response.status
}

const fullWidth = (text: string): string =>
  Array.from(text, (char) =>
    char > ' ' && char <= '~' ? String.fromCodePoint((char.codePointAt(0) ?? 0) + 0xfee0) : char,
  ).join('')

/** Every endpoint but chat completions, each with the least that it takes. */
const ELSEWHERE: readonly (readonly [path: string, body: object])[] = [
  ['/v1/completions', { prompt: 'hi' }],
  ['/v1/embeddings', { input: 'hi' }],
  [LEAST.responses.path, LEAST.responses.body],
  [LEAST.messages.path, LEAST.messages.body],
  ['/v1/messages/count_tokens', { messages: MESSAGES }],
  ['/v1beta/models/{model}:generateContent', LEAST.geminiGenerate.body],
  ['/v1beta/models/{model}:streamGenerateContent?alt=sse', LEAST.geminiGenerate.body],
  ['/v1beta/models/{model}:countTokens', LEAST.geminiGenerate.body],
  ['/v1beta/models/{model}:embedContent', { content: { parts: [{ text: 'hi' }] } }],
  ['/v1/moderations', { input: 'hi' }],
  ['/v1/images/generations', { prompt: 'hi' }],
  ['/v1/images/edits', { prompt: 'hi', images: [{ image_url: 'https://host.example/a.png' }] }],
  ['/v1/audio/speech', { input: 'hi', voice: 'alloy' }],
  ['/v1/rerank', { query: 'a', documents: ['b'] }],
  ['/v1/decisions', { input: 'a', questions: [{ type: 'predicate', name: 'q', instructions: 'i' }] }],
]

/** Paths that take a form with a file. */
const FORMS = ['/v1/audio/transcriptions', '/v1/audio/translations', '/v1/images/edits']

/** A form with a file, and fields before it and behind it. */
function formOf(
  before: readonly (readonly [string, string])[],
  behind: readonly (readonly [string, string])[],
): FormData {
  const form = new FormData()
  for (const [name, value] of before) form.append(name, value)
  form.append('prompt', 'hi')
  for (const name of ['file', 'image']) form.append(name, new File([new Uint8Array([1, 2, 3])], name))
  for (const [name, value] of behind) form.append(name, value)
  return form
}

/** Other ways to write the upstream's id of a model. */
const SPELLINGS: readonly ((id: string) => string)[] = [
  (id) => id.toUpperCase(),
  fullWidth,
  (id) => ` ${id} `,
  (id) => id.replaceAll('-', ' '),
  (id) => id.replaceAll('-', '_'),
  (id) => id.replaceAll('e', 'е'),
  (id) => `${id}\u200b`,
]

describe('all rows of DeepSeek and what comes of it, behind one deny', () => {
  let world: World
  beforeAll(async () => {
    world = await start([DENY])
  })

  test('none receives a byte by its own name or behind an alias, streamed or not; explain says denied', async () => {
    for (const [index, { target }] of rows.entries()) {
      for (const model of [target, `alias-${index}`]) {
        for (const stream of [false, true]) expect(await post(world, model, { stream }), model).toBe(403)
        const decision = await world.gateway.explain({ body: { model, messages: MESSAGES } })
        expect(decision.outcome).toBe('deny')
        expect(decision.plan).toEqual([])
        expect(decision.candidates).toMatchObject([{ target, verdict: 'denied', rule: 'no-deepseek' }])
      }
    }
    expect(world.taken()).toEqual([])
    reached(rows.length * 4)
  })

  test('none receives a byte at any other endpoint, in any dialect', async () => {
    for (const [index, { target }] of rows.entries()) {
      for (const [path, body] of ELSEWHERE) {
        for (const model of LONG || index % 10 === 0 ? [target, `alias-${index}`] : [target]) {
          const named = path.includes('{model}')
          const url = `http://tutti${path.replace('{model}', encodeURIComponent(model))}`
          const text = JSON.stringify(named ? body : { ...body, model })
          const response = await world.gateway.fetch(new Request(url, { method: 'POST', body: text }))
          expect(response.status, `${path} ${model}`).toBe(403)
        }
      }
    }
    expect(world.taken()).toEqual([])
    reached(rows.length * ELSEWHERE.length)
  })

  test('none receives a byte of a form, wherever the model stands in it', async () => {
    const upload = async (path: string, body: FormData): Promise<number> =>
      (await world.gateway.fetch(new Request(`http://tutti${path}`, { method: 'POST', body }))).status
    for (const [index, { target }] of rows.entries()) {
      const model = ['model', index % 2 === 0 ? target : `alias-${index}`] as const
      const path = FORMS[index % FORMS.length] ?? ''
      expect(await upload(path, formOf([model], [])), target).toBe(403)
      expect(await upload(path, formOf([], [model])), target).toBe(403)
      expect(await upload(path, formOf([['model', 'good/tiny']], [model])), target).toBe(400)
    }
    expect(world.taken()).toEqual([])
    for (const path of FORMS) {
      const steering = [
        ['models', 'deepseek/deepseek-chat'],
        ['provider', 'deepseek'],
        ['fallbacks', 'deepseek'],
      ] as const
      await upload(path, formOf([['model', 'good/tiny']], steering))
    }
    const sent = world.taken()
    expect(sent.map(({ host }) => host)).toEqual(FORMS.map(() => 'good.tutti.example'))
    for (const { body } of sent) expect(body).not.toContain('deepseek')
    reached(rows.length * 3)
  })

  test('none is a fallback of a permitted target that fails', async () => {
    for (const index of rows.keys()) {
      for (const stream of [false, true]) expect(await post(world, `behind-${index}`, { stream })).toBe(502)
      const decision = await world.gateway.explain({ body: { model: `behind-${index}`, messages: MESSAGES } })
      expect(decision.plan).toEqual(['broken/tiny'])
    }
    const sent = world.taken()
    expect(new Set(sent.map(({ host }) => host))).toEqual(new Set(['broken.tutti.example']))
    expect(sent).toHaveLength(rows.length * 2)
    expect(await post(world, 'everything')).toBe(403)
    expect(world.taken()).toEqual([])
  })

  test('no other spelling of a name helps', async () => {
    for (const [index, { target, id }] of rows.entries()) {
      const provider = target.slice(0, target.indexOf('/'))
      for (const spell of SPELLINGS) {
        const status = await post(world, `${provider}/${spell(id)}`)
        expect([403, 404], `${provider}/${spell(id)}`).toContain(status)
      }
      if (!LONG && index % 20 > 0) continue
      expect(await post(world, target.toUpperCase())).toBe(404)
      expect(await post(world, ` ${target}`)).toBe(404)
    }
    expect(world.taken()).toEqual([])
    reached(rows.length * SPELLINGS.length)
  })

  test('no field of a request brings it there', async () => {
    const wanted = 'deepseek/deepseek-chat'
    const fields = [
      { models: [wanted] },
      { route: 'fallback', models: ['deepseek-0/deepseek-chat'] },
      { provider: { only: ['deepseek'], allow_fallbacks: true } },
      { fallbacks: [{ model: wanted }] },
      { Models: [wanted], PROVIDER: { order: ['deepseek'] } },
    ]
    for (const model of ['openrouter/some/model', 'huggingface/some/model', 'good/tiny']) {
      for (const more of fields) expect(await post(world, model, more)).toBe(200)
    }
    const sent = world.taken()
    expect(sent).toHaveLength(3 * fields.length)
    for (const { body } of sent) {
      const { messages: _messages, ...rest } = JSON.parse(body)
      expect(JSON.stringify(rest).toLowerCase()).not.toContain('deepseek')
    }
    for (const { target } of rows.slice(0, 20)) expect(await post(world, target, { models: ['good/tiny'] })).toBe(403)
    expect(await post(world, 'huggingface/some/model:deepseek')).toBe(404)
    expect(world.taken()).toEqual([])
  })

  test('K-EXAONE, a prompt about DeepSeek and a model that only calls itself so are not blocked', async () => {
    expect(await post(world, 'friendli/LGAI-EXAONE/K-EXAONE-236B-A23B')).toBe(200)
    expect(await post(world, 'good/tiny')).toBe(200)
    expect(await post(world, 'good/my-deepseek-killer')).toBe(200)
    expect(world.taken().map(({ host }) => host)).toEqual([
      'api.friendli.ai',
      'good.tutti.example',
      'good.tutti.example',
    ])
  })
})

describe('without `derived`', () => {
  const plain = { name: 'no-deepseek', deny: { developer: 'deepseek' } }
  const others = rows.filter(({ developer }) => developer !== 'deepseek')

  async function freed(world: World): Promise<readonly Row[]> {
    const free: Row[] = []
    for (const row of rows) if ((await post(world, row.target)) === 200) free.push(row)
    expect(world.taken()).toHaveLength(free.length)
    return free
  }

  test('exactly the rows whose developer is another are free, where the facts are known', async () => {
    expect(others.length).toBeGreaterThan(10)
    expect(await freed(await start([plain], true))).toEqual(others)
  })

  test('with nothing declared: none of DeepSeek itself is', async () => {
    const free = await freed(await start([plain]))
    for (const row of free) expect(others).toContain(row)
  })
})
