// Pictures in and out, and every gate before sounds and pictures: in process, with the official client.
import { toFile, type OpenAI } from 'openai'
import { sha256 } from '../support/gateway.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { bytesOf, formOf, startEmbedded, TWO_HOSTS, type Embedded, type Sent } from '../support/embedded.ts'

const WAV = Uint8Array.from({ length: 4000 }, (_, index) => (index * 7) % 256)
const MP3 = Uint8Array.from({ length: 90_000 }, (_, index) => (index * 13) % 256)

let embedded: Embedded

afterEach(() => embedded.gateway.close())

type Answer = (sent: Sent) => Response | Promise<Response>

async function start(answer: Answer, config: object = TWO_HOSTS): Promise<Embedded> {
  embedded = await startEmbedded(config, answer)
  return embedded
}

const json = (value: object): Response => Response.json(value)
const sound = (): Response => new Response(MP3, { headers: { 'content-type': 'audio/mpeg' } })
const wav = (): Promise<File> => toFile(WAV, 'a.wav', { type: 'audio/wav' })

describe('edits of images', () => {
  const answer = {
    created: 1,
    data: [{ b64_json: 'AA==' }],
    usage: { input_tokens: 300, output_tokens: 1000, total_tokens: 1300 },
  }

  test('two pictures and a mask travel as they are', async () => {
    const { client, sent } = await start(() => json(answer))
    const image = [await toFile(MP3, 'a.png', { type: 'image/png' }), await toFile(WAV, 'b.png', { type: 'image/png' })]
    const edited = await client.images.edit({
      model: 'alias',
      prompt: '고양이',
      image,
      mask: await toFile(WAV, 'm.png'),
      n: 1,
    })
    expect(edited.usage).toMatchObject({ output_tokens: 1000, cost: 0.023 })
    const form = sent[0] && (await formOf(sent[0]))
    expect(form?.get('model')).toBe('loud')
    expect(await Promise.all((form?.getAll('image[]') ?? []).map(bytesOf))).toEqual([MP3, WAV])
    expect(sent[0]?.path).toBe('/v1/images/edits')
  })

  test('JSON that says where the pictures are travels too', async () => {
    const { sent, gateway } = await start(() => json(answer))
    const body = { model: 'alias', prompt: 'a cat', images: [{ image_url: 'https://host.example/a.png' }] }
    const request = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    expect((await gateway.fetch(new Request('http://tutti/v1/images/edits', request))).status).toBe(200)
    expect(new TextDecoder().decode(sent[0]?.body)).toBe(JSON.stringify({ ...body, model: 'loud' }))
  })

  test.each([
    [{ prompt: 'a' }, 'image'],
    [{ prompt: 'a', image: [], stream: true }, 'stream'],
    [{ image: [] }, 'prompt'],
    [{ prompt: 'a', image: [], n: 0 }, 'n'],
  ])('%j: 400', async (body, param) => {
    const { client } = await start(() => json(answer))
    await expect(client.post('/images/edits', { body: { model: 'alias', ...body } })).rejects.toMatchObject({
      status: 400,
      param,
    })
  })
})

describe('every gate', () => {
  /** One of each endpoint. */
  const requests = (client: OpenAI, model: string): readonly (() => Promise<unknown>)[] => [
    () => client.audio.speech.create({ model, voice: 'alloy', input: 'hi' }),
    async () => client.audio.transcriptions.create({ model, file: await wav() }),
    async () => client.audio.translations.create({ model, file: await wav() }),
    async () => client.images.edit({ model, prompt: 'hi', image: await wav() }),
  ]
  const never = (): Response => {
    throw new Error('nobody may be asked')
  }

  test('a target that policy denies gets no byte, under no name', async () => {
    const { client, sent, log } = await start(never)
    for (const model of ['forbidden', 'one/denied']) {
      for (const ask of requests(client, model)) {
        await expect(ask()).rejects.toMatchObject({ status: 403, code: 'policy_denied', error: { rule: 'no-denied' } })
      }
    }
    expect(sent).toEqual([])
    expect(log).toHaveLength(8)
  })

  test('a model that declares what it can do, and not this, is not asked', async () => {
    const { client } = await start(never)
    for (const ask of requests(client, 'one/reader')) {
      await expect(ask()).rejects.toMatchObject({ status: 400, code: 'no_capable_target', param: 'model' })
    }
  })

  test('a vendor that has no such endpoint is not asked', async () => {
    const provider = { type: 'anthropic', apiKey: 'sk-a' }
    const { client } = await start(never, { version: 1, providers: { claude: provider } })
    for (const ask of requests(client, 'claude/claude-sonnet-5-5')) {
      await expect(ask()).rejects.toMatchObject({ status: 400, code: 'no_capable_target' })
    }
  })

  const KEYED = {
    ...TWO_HOSTS,
    keys: [
      { id: 'app', sha256: sha256('sk-app'), budget: { usd: 1, per: 'day' } },
      { id: 'slow', sha256: sha256('sk-slow'), limits: { rpm: 1 } },
    ],
  }

  test('a budget holds the worst of a file, and is not touched where nothing bounds the answer', async () => {
    const { client, sent, log } = await start(
      () => json({ text: 'hi', usage: { type: 'duration', seconds: 2 } }),
      KEYED,
    )
    const file = await wav()
    const unbounded = client.audio.transcriptions.create({ model: 'alias', file })
    await expect(unbounded).rejects.toMatchObject({ status: 429, error: { reason: 'output_unlimited' } })
    // No field of such a request could say how much it may be.
    await expect(unbounded).rejects.toThrow('has a budget: declare `maxOutput`')
    // 4000 bytes hold at most some five seconds.
    await client.audio.transcriptions.create({ model: 'one/measured', file })
    const large = await toFile(new Uint8Array(4_000_000), 'long.wav')
    const dear = client.audio.transcriptions.create({ model: 'one/measured', file: large })
    await expect(dear).rejects.toMatchObject({ status: 429, error: { reason: 'budget_exceeded' } })
    const fetched = client.post('/audio/transcriptions', { body: await urlForm() })
    await expect(fetched).rejects.toMatchObject({ status: 429, error: { reason: 'budget_exceeded' } })
    expect(sent).toHaveLength(1)
    expect(log.at(1)).toMatchObject({ status: 200, cost_usd: 0.0002 })
  })

  async function urlForm(): Promise<FormData> {
    const form = new FormData()
    form.append('model', 'one/measured')
    form.append('url', 'https://host.example/a.wav')
    return form
  }

  test('who may not ask is refused, and who asks too much waits', async () => {
    const { client } = await start(sound, KEYED)
    for (const ask of requests(client.withOptions({ apiKey: 'sk-other' }), 'alias')) {
      await expect(ask()).rejects.toMatchObject({ status: 401 })
    }
    const slow = client.withOptions({ apiKey: 'sk-slow' })
    const asked = { model: 'alias', voice: 'alloy', input: 'hi' }
    await (await slow.audio.speech.create(asked)).arrayBuffer()
    await expect(slow.audio.speech.create(asked)).rejects.toMatchObject({ status: 429, code: 'rate_limit_exceeded' })
  })

  test('explain says who would be asked, by the size of the file', async () => {
    const { gateway } = await start(never)
    const body = { model: 'both', file: { bytes: 1_600_000 } }
    const decision = await gateway.explain({ endpoint: '/v1/audio/transcriptions', body })
    expect(decision).toMatchObject({ plan: ['one/loud', 'two/loud'], request: { input_tokens_estimate: 1000 } })
  })
})
