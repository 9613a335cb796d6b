// The log of a gateway inside another program is the same evidence as a server's: `tutti verify-log` reads it.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createVerifier } from '#src/cli/verify-log/verify.ts'
import { createGateway } from '#src/index.ts'

const CONFIG = {
  version: 1,
  providers: { demo: { type: 'demo', models: { cheap: {}, good: {} } } },
  models: { chat: { targets: ['demo/cheap'] } },
  policies: [{ name: 'no-good', deny: { model: 'good' } }],
}

async function logged(names: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = []
  const gateway = await createGateway(CONFIG, { log: (line) => lines.push(line) })
  const ask = async (model: string) => {
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] })
    const response = await gateway.fetch(new Request('http://tutti/v1/chat/completions', { method: 'POST', body }))
    await response.text()
  }
  await Promise.all(names.map(ask))
  await gateway.close()
  return lines
}

function verify(lines: readonly string[]) {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const verifier = createVerifier({ hash: sha256, fromMiddle: false })
  for (const [index, line] of lines.entries()) verifier.add(Buffer.from(line), { file: 'log', line: index + 1 })
  return verifier.verified()
}

test('one chain a gateway, from its start to its close, each request in it', async () => {
  const lines = await logged(['chat', 'demo/good', 'chat', 'chat'])
  expect(lines).toHaveLength(6)
  expect(verify(lines)).toMatchObject({
    chains: [{ lines: 6, closed: true, problem: undefined }],
    unchained: { count: 0 },
    other: 0,
  })
  const [other] = verify(await logged(['chat'])).chains
  expect(other?.instance).not.toBe(verify(lines).chains[0]?.instance)
})

test('what was changed or taken out of it is found', async () => {
  const lines = await logged(['chat', 'demo/good', 'chat'])
  const changed = lines.map((line) => line.replace('"outcome":"deny"', '"outcome":"route"'))
  expect(verify(changed).chains[0]?.problem).toMatchObject({ kind: 'changed' })
  expect(verify(lines.toSpliced(2, 1)).chains[0]?.problem).toMatchObject({ kind: 'missing' })
})

test('a gateway that was never asked writes nothing', async () => {
  expect(await logged([])).toEqual([])
})

test('who comes without a known key is counted in it, at every path, and no word of the key is', async () => {
  const lines: string[] = []
  const keys = [{ id: 'app', sha256: 'a'.repeat(64) }]
  const gateway = await createGateway({ ...CONFIG, keys }, { log: (line) => lines.push(line) })
  const headers = { authorization: 'Bearer sk-canary' }
  for (const path of ['/v1/chat/completions', '/v1/messages', '/v1beta/models/x:generateContent', '/v1/embeddings']) {
    const response = await gateway.fetch(new Request(`http://tutti${path}`, { method: 'POST', headers, body: '{}' }))
    expect([path, response.status]).toEqual([path, 401])
  }
  for (const path of ['/v1/models', '/v1/responses/resp_1'])
    expect((await gateway.fetch(new Request(`http://tutti${path}`, { headers }))).status).toBe(401)
  await gateway.close()
  const told = lines.map((line) => JSON.parse(line))
  expect(told).toMatchObject([
    { event: 'start' },
    { event: 'unauthorized', count: 1 },
    { event: 'unauthorized', count: 5 },
    { event: 'end' },
  ])
  expect(lines.join()).not.toContain('canary')
  expect(verify(lines)).toMatchObject({ chains: [{ closed: true, problem: undefined }] })
})
