// Law 1 over a reload: a request that waits for its next attempt is sent nowhere that the newest configuration does not vouch for.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compile, localProvider, startGateway, type TestGateway } from '../support/gateway.ts'
import { postRaw } from '../support/raw-client.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

let upstream: Upstream
let tutti: TestGateway
let reload: () => void = () => {}

const KOREAN = { operator: { name: 'somebody', country: 'KR' } }
const NOT_CN = { policies: [{ name: 'not-cn', deny: { operatorCountry: 'CN' } }] }

/** Every request finds the upstream ill once; while it is, the configuration changes. */
beforeAll(async () => {
  upstream = await startUpstream((_, response) => {
    reload()
    response.writeHead(503)
    response.end()
  })
  tutti = await startGateway(configured())
})

afterAll(async () => {
  await tutti.close()
  await upstream.close()
})

function configured(provider: object = {}, more: object = NOT_CN): object {
  return { providers: { p: { ...localProvider(upstream.url), ...KOREAN, ...provider } }, ...more }
}

function when(condition: string, more: object = {}): object {
  return { policies: [{ name: 'no', when: condition, deny: { provider: 'p' }, ...more }] }
}

function guard(literal: string): object {
  return { policies: [{ name: 'guarded', guard: { literals: [literal] } }] }
}

test.each([
  ['nothing that matters changes', () => configured({ apiKey: 'sk-another' }), 3, 503],
  ['its operator changes hands', () => configured({ operator: { name: 'somebody', country: 'CN' } }), 1, 403],
  ['a rule is written', () => configured({}, { policies: [{ name: 'no', deny: { provider: 'p' } }] }), 1, 403],
  ['a rule for such requests is written', () => configured({}, when('inNetwork(client.ip, "127.0.0.0/8")')), 1, 403],
  ['a rule for other requests is written', () => configured({}, when('request.stream')), 3, 503],
  ['a rule that cannot tell is written', () => configured({}, when('client.country != "KR"')), 1, 403],
  ['a rule in shadow is written', () => configured({}, when('true', { mode: 'shadow' })), 3, 503],
  ['a guard that finds something is written', () => configured({}, guard('hi')), 1, 403],
  ['a guard that finds nothing is written', () => configured({}, guard('ho')), 3, 503],
  ['a rule about personal data is written', () => configured({}, when('pii.found')), 3, 503],
  ['its provider goes', () => ({ providers: { q: localProvider(upstream.url) } }), 1, 503],
  ['its provider moves', () => configured({ baseUrl: 'http://127.0.0.1:9/v1' }), 1, 503],
])('%s', async (_, changed, hits, status) => {
  for (const model of ['p/tiny', 'p/not-in-the-file']) {
    tutti.gateway.snapshot = await compile(
      configured({}, { ...NOT_CN, policies: [{ ...NOT_CN.policies[0], unknown: 'allow' }] }),
    )
    const next = await compile(changed())
    reload = () => {
      tutti.gateway.snapshot = next
    }
    const before = upstream.arrivals.length
    const messages = [{ role: 'user', content: 'hi' }]
    const answer = await postRaw(`${tutti.url}/v1/chat/completions`, { model, messages })
    expect([model, answer.status, upstream.arrivals.length - before]).toEqual([model, status, hits])
  }
})
