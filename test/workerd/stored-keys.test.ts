// Keys of the store on a worker: a Durable Object has them, so that the next worker knows them too.
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { configured, startWorkerd, type Workerd } from '../../scripts/workerd.ts'
import { newFolder } from './state-client.ts'

const bundle = inject('bundles')?.worker
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const CONFIG = {
  version: 1,
  providers: { demo: { type: 'demo', models: { cheap: { price: { input: 1, output: 1 } } } } },
  models: { chat: { targets: ['demo/cheap'] } },
  keys: [{ id: 'team', sha256: sha256('sk-team'), models: ['chat'], mints: 1 }],
  admin: { sha256: sha256('sk-admin') },
}

describe.skipIf(bundle === undefined)('the worker with its Durable Objects', () => {
  let folder = ''
  let workerd: Workerd

  async function start(state = true): Promise<void> {
    if (bundle === undefined) throw new Error('there is no workerd here')
    workerd = await startWorkerd(configured(bundle, JSON.stringify(CONFIG)), state ? { state: { folder } } : {})
  }
  beforeEach(async () => {
    folder = await newFolder()
    await start()
  })
  afterEach(async () => {
    await workerd.close()
    await rm(folder, { recursive: true })
  })

  const call = async (
    method: string,
    path: string,
    { key = 'sk-admin', body }: { key?: string; body?: object } = {},
  ) => {
    const answer = await fetch(`${workerd.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    const { secret = '', ...json }: { readonly secret?: string } = await answer.json()
    return { status: answer.status, secret, json }
  }
  const chat = async (key: string) => {
    const body = { model: 'chat', messages: [{ role: 'user', content: '안녕' }] }
    return (await call('POST', '/v1/chat/completions', { key, body })).status
  }

  test('a key that was made is known to the next worker, rotated there and revoked', async () => {
    const made = await call('POST', '/-/keys', { key: 'sk-team', body: { id: 'team:bot', models: ['chat'] } })
    expect(made).toMatchObject({ status: 200, json: { minted_by: 'team', survives_restart: true } })
    expect(await Promise.all(Array.from({ length: 20 }, () => chat(made.secret)))).toEqual(Array(20).fill(200))
    await workerd.close()
    await start()
    expect(await chat(made.secret)).toBe(200)
    expect((await call('POST', '/-/keys', { key: 'sk-team', body: { id: 'team:two' } })).status).toBe(400)
    const rotated = await call('POST', '/-/keys/team:bot/rotate', { body: { overlap: '1h' } })
    expect([await chat(made.secret), await chat(rotated.secret)]).toEqual([200, 200])
    expect((await call('DELETE', '/-/keys/team:bot')).status).toBe(200)
    expect([await chat(made.secret), await chat(rotated.secret)]).toEqual([401, 401])
  })

  test('without them there are no keys but those of the file', async () => {
    await workerd.close()
    await start(false)
    expect((await call('POST', '/-/keys', { body: { id: 'bot' } })).status).toBe(501)
    expect([await chat('sk-team'), await chat(`tutti_${'0'.repeat(64)}`)]).toEqual([200, 401])
  })
})
