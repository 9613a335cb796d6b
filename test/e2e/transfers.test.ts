// The register of cross-border transfers, from the log of a gateway that really asked.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createGateway } from '#src/index.ts'
import { runProgram } from '../support/program.ts'

const FACTS = { developer: 'acme', lineage: [], price: { input: 1, output: 1 } }
const CONFIG = {
  version: 1,
  providers: {
    openai: { apiKey: 'sk-a', region: 'US', models: { m: FACTS } },
    clova: {
      type: 'openai-compatible',
      baseUrl: 'https://clova.example/v1',
      operator: { name: 'naver', country: 'KR' },
      region: 'KR',
      models: { m: FACTS },
    },
  },
  models: { both: { targets: ['openai/m', 'clova/m'] } },
  policies: [
    { name: 'looks', mode: 'shadow', when: 'pii.found', deny: { region: 'US' } },
    {
      name: 'across',
      transfer: { home: 'KR', permit: [{ country: 'US', basis: 'consent, "s. 7"' }] },
      when: 'pii.found',
    },
  ],
}
const ANSWER = {
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 4 },
}

async function logFile(): Promise<string> {
  const lines: string[] = []
  const gateway = await createGateway(CONFIG, {
    log: (line) => lines.push(line),
    // The first host fails once, so that the second is asked.
    fetch: async (url) =>
      url.includes('openai') && lines.length === 2
        ? Response.json({ error: {} }, { status: 401 })
        : Response.json(ANSWER),
  })
  for (const content of ['hi', 'call 010-1234-5678'])
    await gateway
      .fetch(
        new Request('http://tutti/v1/chat/completions', {
          method: 'POST',
          body: JSON.stringify({ model: 'both', messages: [{ role: 'user', content }] }),
        }),
      )
      .then((response) => response.text())
  const file = join(mkdtempSync(join(tmpdir(), 'tutti-transfers-')), 'log.jsonl')
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

const day = new Date().toISOString().slice(0, 10)

test('what left the country is there, and what stayed is not', async () => {
  const file = await logFile()
  const { code, out, err } = await runProgram(['transfers', '--from', day, '--to', day, file, '--json'])
  expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('1 attempts stayed at home') })
  expect(JSON.parse(out).transfers).toMatchObject([
    {
      target: 'openai/m',
      pii: ['phone'],
      requests: 1,
      attempts: 1,
      input_tokens: 0,
      transfer: [{ rule: 'across', basis: 'consent, "s. 7"' }],
    },
    {
      target: 'openai/m',
      pii: [],
      transfer: null,
      requests: 1,
      attempts: 1,
      input_tokens: 3,
      output_tokens: 4,
      operator: 'openai',
      operator_country: 'US',
      region: 'US',
    },
  ])
  const csv = await runProgram(['transfers', '--from', day, '--to', day, file, '--csv'])
  expect(csv.out).toContain(',"consent, ""s. 7"" (rule across)",')
  const text = await runProgram(['transfers', '--from', day, '--to', day, file])
  expect(text.out).toContain('why permitted: consent, "s. 7" (rule across)')
  expect(text.out).toContain('why permitted: no rule denied it')
  // Seen from there it is the other way round.
  const other = await runProgram(['transfers', '--from', day, '--to', day, '--home', 'US', file, '--csv'])
  expect(other.out.split('\r\n')).toHaveLength(2)
  expect(other.out).toContain('naver,KR,KR,clova/m')
})

test('what went on one basis and what went on another are two rows', async () => {
  const lines = ['consent', 'contract', 'consent'].map((basis) =>
    JSON.stringify({
      time: `${day}T00:00:00.000Z`,
      outcome: 'route',
      candidates: [{ target: 'a/b', transfer: [{ rule: 'across', basis }] }],
      attempts: [{ target: 'a/b', outcome: 'answered' }],
    }),
  )
  const file = join(mkdtempSync(join(tmpdir(), 'tutti-transfers-')), 'log.jsonl')
  writeFileSync(file, lines.join('\n'))
  const { out } = await runProgram(['transfers', '--from', day, '--to', day, file, '--json'])
  expect(JSON.parse(out).transfers).toMatchObject([
    { requests: 2, transfer: [{ rule: 'across', basis: 'consent' }] },
    { requests: 1, transfer: [{ rule: 'across', basis: 'contract' }] },
  ])
})

test.each([
  [['transfers', '--from', day, '--to', day], 'give one or more files'],
  [['transfers', '--from', 'yesterday', '--to', day, 'x'], '`--from` takes a day in UTC'],
  [['transfers', '--from', '2026-02-31x', '--to', day, 'x'], '`--from` takes a day in UTC'],
  [['transfers', '--from', day, '--to', '2020-01-01', 'x'], 'a day before `--from`'],
  [['transfers', '--from', day, '--to', day, '--home', 'Korea', 'x'], 'is no country'],
  [['transfers', '--from', day, '--to', day, '--csv', '--json', 'x'], 'choose one'],
  [['transfers', '--from', day, '--to', day, '/no/such/file'], 'cannot be read'],
])('%j exits 1 and says why', async (args, message) => {
  const { code, err } = await runProgram(args)
  expect(code).toBe(1)
  expect(err).toContain(message)
})

test('a line that cannot be read ends it, with its place', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'tutti-transfers-')), 'log.jsonl')
  writeFileSync(file, '\n{"outcome":\n')
  const { code, err } = await runProgram(['transfers', '--from', day, '--to', day, file])
  expect(code).toBe(1)
  expect(err).toContain(`${file}:2: this line of the log cannot be read`)
})

test('what was taken out is said, and nobody whom no connection reached is a recipient', async () => {
  const lines: string[] = []
  const clean = { name: 'clean', redact: ['phone'] }
  const gateway = await createGateway(
    { ...CONFIG, policies: [...CONFIG.policies, clean], limits: [{ name: 'up', providers: ['openai'], rpm: 1 }] },
    {
      log: (line) => lines.push(line),
      async fetch(url) {
        if (url.includes('openai')) return Response.json(ANSWER)
        throw Object.assign(new TypeError('fetch failed'), {
          cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }),
        })
      },
    },
  )
  const ask = (model: string, content: string) =>
    gateway.fetch(
      new Request('http://tutti/v1/chat/completions', {
        method: 'POST',
        body: JSON.stringify({ model, messages: [{ role: 'user', content }] }),
      }),
    )
  await (await ask('openai/m', 'call 010-1234-5678, or mail kim@example.com')).text()
  // No room is left at its provider's limit: nothing is sent.
  await (await ask('openai/m', 'call 010-1234-5678, or mail kim@example.com')).text()
  await (await ask('clova/m', 'hi')).text()
  const file = join(mkdtempSync(join(tmpdir(), 'tutti-transfers-')), 'log.jsonl')
  writeFileSync(file, `${lines.join('\n')}\n`)
  const run = (...more: string[]) =>
    runProgram(['transfers', '--from', day, '--to', day, '--home', 'JP', file, ...more])
  expect(JSON.parse((await run('--json')).out).transfers).toMatchObject([
    { target: 'openai/m', pii: ['email', 'phone'], redacted: ['phone'], attempts: 1 },
  ])
  expect((await run('--csv')).out).toContain('"email, phone (taken out)"')
})
