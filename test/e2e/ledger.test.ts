// What was paid for, as finance and auditors read it: the ledger that a gateway wrote into a file, exported, added up and compared with accounts.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import { createGateway, type TuttiGateway } from '#src/index.ts'
import { createSqliteStore } from '#src/state/sqlite.ts'
import { sha256 } from '../support/gateway.ts'
import { runProgram } from '../support/program.ts'

const folder = mkdtempSync(join(tmpdir(), 'tutti-ledger-'))
const path = join(folder, 'state.db')
const config = join(folder, 'tutti.json')
const MODELS = { m: { developer: 'x', lineage: [], price: { input: 0, output: 1_000_000 } } }
const HOST = { type: 'openai-compatible', apiKey: 'k', models: MODELS }
const FILE = {
  version: 1,
  state: { driver: 'sqlite', path },
  providers: {
    down: { ...HOST, baseUrl: 'https://down.example/v1' },
    up: { ...HOST, baseUrl: 'https://up.example/v1' },
  },
  models: { chat: { targets: ['down/m', 'up/m'] }, other: { targets: ['up/m'] } },
  admin: { sha256: sha256('boss') },
  keys: [
    { id: 'a', sha256: sha256('a'), tenant: 't', tags: ['x', '=cmd,"q"'], budget: { usd: 100, per: 'total' } },
    { id: 'b', sha256: sha256('b') },
  ],
}
const ANSWER = {
  id: 'c',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7, prompt_tokens_details: { cached_tokens: 3 } },
}
/** Two dollars an answer. */
const COST = 2

let gateway: TuttiGateway

beforeAll(async () => {
  writeFileSync(config, JSON.stringify(FILE))
  gateway = await createGateway(FILE, {
    state: createSqliteStore(path),
    fetch: async (url) =>
      url.includes('down.') ? Response.json({ error: { message: 'no' } }, { status: 500 }) : Response.json(ANSWER),
  })
  for (const [as, model] of [
    ['a', 'chat'],
    ['a', 'other'],
    ['b', 'other'],
  ] as const) {
    const body = JSON.stringify({ model, max_tokens: 9, messages: [{ role: 'user', content: '안녕' }] })
    const init = { method: 'POST', headers: { authorization: `Bearer ${as}` }, body }
    expect((await gateway.fetch(new Request('http://tutti/v1/chat/completions', init))).status).toBe(200)
  }
})
afterAll(async () => {
  await gateway.close()
  rmSync(folder, { recursive: true })
})

const lines = (text: string): readonly JsonObject[] =>
  text
    .trim()
    .split('\n')
    .map((line) => parseJson(line))
    .filter(isObject)

describe('export', () => {
  test('a line of JSON is a request with all its attempts', async () => {
    const { code, out, err } = await runProgram(['ledger', 'export', '-c', config])
    expect([code, err]).toEqual([0, ''])
    const [first, second, third] = lines(out)
    expect(first).toMatchObject({
      key: 'a',
      tenant: 't',
      tags: ['x', '=cmd,"q"'],
      endpoint: '/v1/chat/completions',
      model: 'chat',
      outcome: 'answered',
      cost_usd: COST,
      attempts: [
        { target: 'down/m', outcome: 'failed', cost_usd: 0 },
        {
          target: 'up/m',
          outcome: 'answered',
          input_tokens: 5,
          cached_input_tokens: 3,
          output_tokens: 2,
          cost_usd: COST,
        },
      ],
    })
    expect([second?.['key'], third?.['key'], third?.['model']]).toEqual(['a', 'b', 'other'])
    expect(out).not.toContain('안녕')
  })

  test('a line of CSV is an attempt, and no cell is a formula', async () => {
    const { out } = await runProgram(['ledger', 'export', '-c', config, '--format', 'csv'])
    const [head, ...rows] = out.trim().split('\n')
    expect(head).toMatch(/^id,request,time,key,.*,cost_usd,estimated$/)
    expect(rows).toHaveLength(4)
    expect(rows[0]).toContain(',a,t,,,"x =cmd,""q""",/v1/chat/completions,chat,down/m,failed,')
    expect(rows[1]).toMatch(/,up\/m,answered,5,3,2,2,$/)
  })

  test('of a time', async () => {
    const out = async (...span: string[]) =>
      lines((await runProgram(['ledger', 'export', '-c', config, ...span])).out).length
    const today = new Date().toISOString().slice(0, 10)
    expect([await out('--from', today), await out('--to', '2020-01-01'), await out('--to', today)]).toEqual([3, 0, 3])
  })
})

test('verify finds an account that is not what the ledger says, rebuild mends it', async () => {
  const run = (what: string) => runProgram(['ledger', what, '-c', config])
  expect(await run('verify')).toMatchObject({ code: 0, out: 'every account agrees with the ledger\n' })
  const db = new DatabaseSync(path)
  db.exec('update account set spent = spent - 1')
  const { code, out } = await run('verify')
  expect([code, out]).toEqual([
    1,
    'key/a (total): counted 3.999999999 USD, by the ledger 4 USD\n1 account differs from the ledger\n`tutti ledger rebuild` makes accounts what the ledger says\n',
  ])
  expect((await run('rebuild')).code).toBe(0)
  expect((await run('verify')).code).toBe(0)
  expect(db.prepare('select spent from account').get()).toEqual({ spent: 4_000_000_000 })
  db.close()
})

describe('GET /-/usage', () => {
  const usage = async (query: string, as = 'boss') => {
    const headers = { authorization: `Bearer ${as}` }
    const response = await gateway.fetch(new Request(`http://tutti/-/usage${query}`, { headers }))
    return { status: response.status, body: await response.json() }
  }

  test('adds up by key, model, day and tag', async () => {
    const day = new Date().toISOString().slice(0, 10)
    const { body } = await usage('?by=key,day&to=' + day)
    expect(body.groups).toMatchObject([
      {
        key: 'a',
        day,
        attempts: 3,
        answered: 2,
        input_tokens: 10,
        cached_input_tokens: 6,
        output_tokens: 4,
        cost_usd: 4,
      },
      { key: 'b', day, attempts: 1, answered: 1, cost_usd: 2 },
    ])
    expect(body.total).toMatchObject({ attempts: 4, cost_usd: 6, estimated_usd: 0, unpriced_attempts: 0 })
    const byTag = await usage('?by=tag')
    expect(byTag.body.groups).toMatchObject([
      { tag: 'x', cost_usd: 4 },
      { tag: '=cmd,"q"', cost_usd: 4 },
      { tag: null, cost_usd: 2 },
    ])
    expect((await usage('?by=model')).body.groups).toMatchObject([
      { model: 'other', cost_usd: 4 },
      { model: 'chat', cost_usd: 2 },
    ])
  })

  test('is the admin’s, and says what it cannot read', async () => {
    expect((await usage('', 'a')).status).toBe(401)
    expect((await usage('?by=colour')).body.error).toMatchObject({ param: 'by' })
    expect((await usage('?from=yesterday')).body.error.message).toMatch(/`from` must be a day, `2026-11-26`/)
    expect((await usage('?form=2026-11-01')).body.error).toMatchObject({
      param: 'form',
      message: '`form` is no parameter here: there are `by`, `from`, `to`',
    })
    expect((await usage('?from=2026-11-02&to=2026-11-01')).body.error).toMatchObject({ param: 'to' })
    expect((await usage('?from=2026-11-02&to=2026-11-02')).status).toBe(200)
    expect((await usage('?from=2999-01-01')).status).toBe(200)
  })
})

test('what was left open is booked by rebuild where it lacks, and nowhere twice', async () => {
  const store = createSqliteStore(path)
  const long = Date.now() - 3_600_000
  const place = (shard: string) => ({ shard, lines: [{ account: shard, per: 'total', ends: Infinity } as const] })
  const paid = { request: 'r', endpoint: '/', model: 'm', target: 'p/m', outcome: 'answered' }
  const bill = { id: 'old-1', bill: 7n, now: long, notAfter: long }
  await store.settle({ ...bill, ...place('key/old'), paid, elsewhere: [place('budget/x'), place('budget/y')] })
  // One of both was booked, and the word of it got lost.
  await store.settle({ ...bill, ...place('budget/x') })
  // By now nothing but the ledger knows: steps that follow forget ids that are over.
  await store.spend(place('budget/x'), Date.now())
  const run = await runProgram(['ledger', 'rebuild', '-c', config, '--json'])
  expect(parseJson(run.out)).toMatchObject({ agrees: true, booked: 1 })
  expect(parseJson((await runProgram(['ledger', 'rebuild', '-c', config, '--json'])).out)).toMatchObject({ booked: 0 })
  for (const shard of ['key/old', 'budget/x', 'budget/y'])
    expect(await store.spend(place(shard), Date.now())).toEqual([{ spent: 7n, held: 0n }])
  await store.close()
})

test('what rebuild cannot know is not booked but told, once, and it exits with 1', async () => {
  const store = createSqliteStore(path)
  const long = Date.now() - 5 * 3_600_000
  const place = (shard: string) => ({ shard, lines: [{ account: shard, per: 'total', ends: Infinity } as const] })
  const paid = { request: 'r', endpoint: '/', model: 'm', target: 'p/m', outcome: 'answered' }
  const bill = { id: 'old-2', bill: 7n, now: long, notAfter: long }
  await store.settle({ ...bill, ...place('key/older'), paid, elsewhere: [place('budget/z')] })
  await store.settle({ ...bill, ...place('budget/z') })
  expect(await store.trim(Date.now() - 4 * 3_600_000, 9)).toBe(1)
  await store.spend(place('budget/z'), Date.now())
  const rebuilt = await runProgram(['ledger', 'rebuild', '-c', config])
  expect([rebuilt.code, rebuilt.out]).toEqual([
    1,
    `every account agrees with the ledger\nold-2 of ${new Date(long).toISOString()}, 0.000000007 USD: not booked on budget/z, where it may have been: rows of its time are forgotten there\n`,
  ])
  const again = await runProgram(['ledger', 'rebuild', '-c', config, '--json'])
  expect([again.code, parseJson(again.out)]).toMatchObject([0, { agrees: true, booked: 0, unknown: [] }])
  expect(await store.spend(place('budget/z'), Date.now())).toEqual([{ spent: 7n, held: 0n }])
  await store.close()
})

test('what cannot be done is said with its mend', async () => {
  const memory = join(folder, 'memory.json')
  writeFileSync(memory, JSON.stringify({ ...FILE, state: { driver: 'memory' } }))
  const told = async (...args: string[]) => {
    const { code, err } = await runProgram(['ledger', ...args])
    return `${code} ${err.split('\n')[0]}`
  }
  expect(await told('verify', '-c', memory)).toMatch(/^1 .*memory\.json keeps its state in memory.*GET \/-\/usage/)
  expect(await told()).toMatch(/^1 say `verify`, `rebuild` or `export`/)
  expect(await told('verify', '--from', '2026-01-01')).toMatch(/^1 .*belong to `export`/)
  expect(await told('export', '--from', 'x')).toMatch(/^1 `--from x`: give a day/)
  expect(await told('export', '--from', '2026-11-02', '--to', '2026-11-01')).toMatch(/^1 `--to` is before `--from`/)
  expect(await told('export', '--format', 'xml')).toMatch(/^1 `--format xml`: it is `jsonl` or `csv`/)
})
