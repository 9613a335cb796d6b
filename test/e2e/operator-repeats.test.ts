// `idempotency-key` on what operators POST under `/-/`: done once, answered again to the same operator alone, and what is kept of a secret nobody else reads.
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '#src/core/json.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { createGateway } from '#src/index.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createSeal } from '#src/pipeline/seal.ts'
import { sha256 } from '../support/gateway.ts'
import { BODY, FILE } from '../support/repeats-world.ts'
import { keyNamed } from '../support/sharing-world.ts'

interface Posting {
  readonly key?: string
  readonly as?: string
  readonly method?: string
}

/** Two gateways over one store; `kept`: every text that was given to it to keep. */
async function open(store: StateStore = createMemoryStore()) {
  const kept: string[] = []
  const state: StateStore = {
    ...store,
    // A library makes keys where they outlive it.
    durable: true,
    keep(keepsakes, now) {
      kept.push(...keepsakes.map(({ value }) => value))
      return store.keep(keepsakes, now)
    },
  }
  const events: JsonObject[] = []
  const keys = [...FILE.keys, keyNamed('team', { mints: 9 }), keyNamed('rival', { mints: 9 })]
  const file = { ...FILE, admin: { sha256: sha256('root') }, keys }
  const options = {
    state,
    log: (line: string) => void events.push(JSON.parse(line)),
    fetch: async () => Response.json({}),
  }
  const gateways = [await createGateway(file, options), await createGateway(file, options)]
  const post = (path: string, body: object, { key, as = 'root', method = 'POST' }: Posting = {}, at = 0) => {
    const headers = { authorization: `Bearer ${as}`, ...(key !== undefined && { 'idempotency-key': key }) }
    const request = new Request(`http://tutti${path}`, { method, headers, body: JSON.stringify(body) })
    const answer = gateways[at]?.fetch(request)
    if (!answer) throw new Error('there is no such gateway')
    return answer
  }
  return { kept, events, state, post, told: (event: string) => events.filter((one) => one['event'] === event).length }
}

const REPLAY = 'x-tutti-idempotent-replay'

async function refusal(response: Response): Promise<unknown> {
  const { error } = await response.json()
  return [response.status, error.param, error.code]
}

describe('an operator’s POST under the same key', () => {
  test('is done once, and answered again as it was, by another instance too', async () => {
    const { post, told } = await open()
    const made = await post('/-/keys', { id: 'bot' }, { key: 'make' })
    const [text, headers] = [await made.text(), Object.fromEntries(made.headers)]
    expect(made.status).toBe(200)
    for (const at of [0, 1]) {
      const again = await post('/-/keys', { id: 'bot' }, { key: 'make' }, at)
      expect(await again.text()).toBe(text)
      expect(Object.fromEntries(again.headers)).toEqual({ ...headers, [REPLAY]: 'true' })
    }
    expect(told('key_made')).toBe(1)
  })

  test('rotates once: the secret that was given is given again, and goes on being one', async () => {
    const { post, told } = await open()
    await post('/-/keys', { id: 'bot' })
    const first = await (await post('/-/keys/bot/rotate', {}, { key: 'r' })).json()
    const again = await (await post('/-/keys/bot/rotate', {}, { key: 'r' })).json()
    expect([again, told('key_rotated')]).toEqual([first, 1])
    const other = await (await post('/-/keys/bot/rotate', {}, { key: 'r2' })).json()
    expect(other.secret).not.toBe(first.secret)
    expect(told('key_rotated')).toBe(2)
  })

  test('is one at a time: who asks meanwhile gets the same', async () => {
    const { post, told } = await open()
    await post('/-/keys', { id: 'bot' })
    const answers = await Promise.all([1, 2, 3].map(() => post('/-/keys/bot/rotate', {}, { key: 'r' })))
    const texts = await Promise.all(answers.map((answer) => answer.text()))
    expect([new Set(texts).size, told('key_rotated')]).toEqual([1, 1])
    expect(answers.map(({ headers }) => headers.get(REPLAY)).toSorted()).toEqual([null, 'true', 'true'])
  })

  test('while another instance does it is told to come again', async () => {
    const { post, state } = await open()
    const { write } = state
    let go = (): void => {}
    const reached = new Promise<void>((resolve) => {
      state.write = async (...note) => {
        resolve()
        await new Promise<void>((run) => (go = run))
        state.write = write
        return write(...note)
      }
    })
    const first = post('/-/keys', { id: 'bot' }, { key: 'make' })
    await reached
    const meanwhile = await post('/-/keys', { id: 'bot' }, { key: 'make' }, 1)
    expect([meanwhile.headers.get('retry-after'), await refusal(meanwhile)]).toEqual([
      '1',
      [409, 'idempotency-key', 'invalid_request_error'],
    ])
    go()
    const text = await (await first).text()
    expect(await (await post('/-/keys', { id: 'bot' }, { key: 'make' }, 1)).text()).toBe(text)
  })

  test('stands for that path and body alone, and for that operator', async () => {
    const { post, told } = await open()
    await post('/-/keys', { id: 'team:bot' }, { key: 'k', as: 'team' })
    const refused = [400, 'idempotency-key', 'invalid_request_error']
    expect(await refusal(await post('/-/keys', { id: 'team:b' }, { key: 'k', as: 'team' }))).toEqual(refused)
    expect(
      await refusal(await post('/-/keys/team%3Abot/rotate', { id: 'team:bot' }, { key: 'k', as: 'team' })),
    ).toEqual(refused)
    const own = await post('/-/keys', { id: 'rival:bot' }, { key: 'k', as: 'rival' })
    expect([own.status, own.headers.get(REPLAY), told('key_made')]).toEqual([200, null, 2])
  })

  test('is not answered again to whoever is no operator', async () => {
    const { post } = await open()
    await post('/-/keys', { id: 'bot' }, { key: 'k' })
    for (const as of ['a', 'nobody']) expect((await post('/-/keys', { id: 'bot' }, { key: 'k', as })).status).toBe(401)
  })

  test.each([
    ['/-/deny', { name: 'leak', deny: { provider: 'one' }, reason: 'a leak' }],
    ['/-/explain', { endpoint: '/v1/chat/completions', body: BODY, key: 'a' }],
  ])('%s too', async (path, body) => {
    const { post } = await open()
    const first = await post(path, body, { key: 'k' })
    const again = await post(path, body, { key: 'k' })
    expect([first.status, await again.text()]).toEqual([200, await first.text()])
    expect([first.headers.get(REPLAY), again.headers.get(REPLAY)]).toEqual([null, 'true'])
    const other = await post(path, { ...body, more: 1 }, { key: 'k' })
    expect(await refusal(other)).toEqual([400, 'idempotency-key', 'invalid_request_error'])
  })

  test('that failed is done again, and what is no key is refused before', async () => {
    const { post } = await open()
    const [first, again] = [
      await post('/-/keys/bot/rotate', {}, { key: 'k' }),
      await post('/-/keys/bot/rotate', {}, { key: 'k' }),
    ]
    expect([first.status, again.status, again.headers.get(REPLAY)]).toEqual([404, 404, null])
    await post('/-/keys', { id: 'bot' })
    expect((await post('/-/keys/bot/rotate', {}, { key: 'k' })).status).toBe(200)
    expect(await refusal(await post('/-/keys', { id: 'c' }, { key: 'a b' }))).toEqual([
      400,
      'idempotency-key',
      'invalid_request_error',
    ])
    expect((await post('/-/keys', { id: 'c' })).status).toBe(200)
  })
})

test('what is kept says nothing of a secret, also to whoever knows the state and the file', async () => {
  const { post, kept } = await open()
  const { secret } = await (await post('/-/keys', { id: 'bot' }, { key: 'k' })).json()
  const { sealed, ...rest } = JSON.parse(kept.at(-1) ?? '')
  expect(rest).toEqual({ print: expect.any(String) })
  expect(kept.some((text) => text.includes(secret))).toBe(false)
  // With the operator's credential and the idempotency key it is the answer.
  const read = async (credential: string, name: string) => (await createSeal(credential, name)).open(sealed)
  expect(await read('root', 'k')).toContain(secret)
  for (const [credential, name] of [
    [sha256('root'), 'k'],
    ['root', 'other'],
    ['', 'k'],
  ] as const)
    await expect(read(credential, name)).rejects.toThrow()
})

test('two seals of one text differ, and a changed one is none', async () => {
  const { seal, open: unseal } = await createSeal('secret', 'salt')
  const [first, second] = [await seal('값 👋'), await seal('값 👋')]
  expect(first).not.toBe(second)
  expect(await unseal(first)).toBe('값 👋')
  const other = `${first.startsWith('A') ? 'B' : 'A'}${first.slice(1)}`
  await expect(unseal(other)).rejects.toThrow()
})
