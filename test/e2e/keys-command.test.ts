// `tutti keys` on the store that gateways run on: what it makes comes in there, what it revokes does not.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createSqliteStore } from '#src/state/sqlite.ts'
import { KEY_CONFIG, startKeyWorld } from '../support/key-world.ts'
import { runProgram } from '../support/program.ts'

const folder = mkdtempSync(join(tmpdir(), 'tutti-keys-'))
const path = join(folder, 'state.db')
const file = join(folder, 'tutti.json')
writeFileSync(file, JSON.stringify({ ...KEY_CONFIG, state: { driver: 'sqlite', path } }))
const store = createSqliteStore(path)
const { chat, clock } = await startKeyWorld({ store })
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const keys = async (...args: string[]) => {
  const { code, out, err } = await runProgram(['keys', ...args, '-c', file])
  const lines: { readonly id: string; readonly secret?: string }[] = out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
  return { code, err, lines, secret: lines[0]?.secret ?? '' }
}

test('create, list, change, rotate and revoke act on gateways that run', async () => {
  const made = await keys('create', '{"id":"bot","models":["chat"]}')
  expect(made).toMatchObject({ code: 0, lines: [{ id: 'bot', status: 'active' }] })
  expect(await chat(made.secret)).toBe(200)
  const listed = await keys('list')
  expect(listed).toMatchObject({ code: 0, lines: [{ id: 'bot', models: ['chat'] }] })
  expect(listed.secret).toBe('')
  await keys('change', 'bot', '{"models":["chatter"]}')
  clock.advance(1000)
  expect([await chat(made.secret), await chat(made.secret, 'chatter')]).toEqual([404, 200])
  const rotated = await keys('rotate', 'bot', '--overlap', '1h')
  clock.advance(1000)
  expect([await chat(made.secret, 'chatter'), await chat(rotated.secret, 'chatter')]).toEqual([200, 200])
  const again = await keys('rotate', 'bot')
  clock.advance(1000)
  expect([await chat(rotated.secret, 'chatter'), await chat(again.secret, 'chatter')]).toEqual([401, 200])
  expect(await keys('revoke', 'bot')).toMatchObject({ code: 0, lines: [{ id: 'bot', revoked: true }] })
  clock.advance(1000)
  expect(await chat(again.secret, 'chatter')).toBe(401)
  expect(await keys('list')).toMatchObject({ code: 0, lines: [] })
})

test.each([
  [['create', '{"id":"app"}'], 'there is a key `app` already'],
  [['create', '{"id":"bot","tags":1}'], '`tags`: expected'],
  [['create', 'bot'], 'FIELDS is JSON'],
  [['create'], 'usage:'],
  [['revoke', 'nobody'], 'no key `nobody` was made here'],
  [['revoke', 'bot', '--overlap', '1h'], 'usage:'],
  [['rotate', 'bot', '--overlap', 'soon'], '`--overlap` is a duration'],
  [['make', 'bot'], 'usage:'],
  [['new', 'bot'], 'usage:'],
])('%j is refused', async (args, says) => {
  expect(await keys(...args)).toMatchObject({ code: 1, lines: [], err: expect.stringContaining(says) })
})

test('state in memory is nobody else’s', async () => {
  const config = join(folder, 'memory.json')
  writeFileSync(config, JSON.stringify(KEY_CONFIG))
  const { code, err } = await runProgram(['keys', 'list', '-c', config])
  expect([code, err]).toEqual([1, expect.stringContaining('`/-/keys`')])
})
