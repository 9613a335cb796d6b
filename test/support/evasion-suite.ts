import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ALL } from '#src/core/endpoint.ts'
import { foldText } from '#src/core/fold.ts'
import { HEADERS, QUERIES, RAW_STEERING, STEERING, TOOLS } from './evasion-fields.ts'
import { ASTRAY, SAME } from './evasion-names.ts'
import {
  field,
  FORM_ENDPOINTS,
  formAttack,
  jsonAttack,
  plainAttack,
  STREAMED,
  type Attack,
} from './evasion-requests.ts'
import type { Served } from './gateway-suite.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const DENY = { name: 'no-deepseek', deny: { developer: 'deepseek', derived: true } }
const FREE = { developer: 'tutti-test', lineage: [] }
const DEEPSEEK = { developer: 'deepseek', lineage: [] }
const DISTILLED = { developer: 'another', lineage: ['deepseek-r1'] }

/** The denied ones are on one server, the permitted ones on another. */
function configOf(denied: string, permitted: string): object {
  const host = (type: string, baseUrl: string, models: object) => ({ type, baseUrl, local: true, apiKey: 'k', models })
  return {
    version: 1,
    auth: 'none',
    providers: {
      deepseek: host('deepseek', denied, { 'deepseek-chat': DEEPSEEK }),
      house: host('openai-compatible', denied, { 'gpt-4o': DISTILLED, nameless: {} }),
      good: host('openai-compatible', permitted, { tiny: FREE, ill: FREE }),
      openrouter: host('openrouter', permitted, { 'some/model': FREE }),
      inner: host('tutti', permitted, { 'some/model': FREE }),
    },
    models: {
      alias: { targets: ['deepseek/deepseek-chat'] },
      behind: { targets: ['good/ill', 'house/gpt-4o', 'deepseek/deepseek-chat'], retry: { attempts: 3 } },
    },
    policies: [DENY],
  }
}

const WHOLE = { choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }] }
const NAMES = ['deepseek/deepseek-chat', 'house/gpt-4o', 'house/nameless', 'alias'] as const

function attacks(): readonly Attack[] {
  const byName = NAMES.flatMap((model) => ALL.map((endpoint) => plainAttack(endpoint, model)))
  const streams = NAMES.flatMap((model) =>
    STREAMED.map((endpoint) => jsonAttack({ endpoint, model, more: { stream: true } })),
  )
  const spelled = [...Object.values(SAME), ...Object.values(ASTRAY)].map((spell) =>
    jsonAttack({ endpoint: 'chat', model: `deepseek/${spell('deepseek-chat')}` }),
  )
  const beside = ['good/tiny', 'openrouter/some/model', 'inner/some/model'].flatMap((model) => [
    ...STEERING.map((more) => jsonAttack({ endpoint: 'chat', model, more })),
    ...RAW_STEERING.map((raw) => jsonAttack({ endpoint: 'chat', model, raw })),
    ...TOOLS.map((tool) => jsonAttack({ endpoint: 'chat', model, more: { tools: [tool] } })),
  ])
  const around = [
    ...HEADERS.filter((header) => !('forwarded' in header)).map((headers) =>
      jsonAttack({ endpoint: 'chat', model: 'good/tiny', headers }),
    ),
    ...QUERIES.map((query) => jsonAttack({ endpoint: 'chat', model: 'good/tiny', query })),
    ...FORM_ENDPOINTS.map((endpoint) =>
      formAttack(endpoint, [field('model', 'good/tiny'), field('models[]', 'deepseek/deepseek-chat')]),
    ),
  ]
  const chat = plainAttack('chat', 'alias')
  const paths = [
    '//v1/chat/completions',
    '/v1/./chat/completions',
    '/v1/chat/../chat/completions',
    '/V1/CHAT/COMPLETIONS',
  ]
  return [
    ...byName,
    ...streams,
    ...spelled,
    ...beside,
    ...around,
    ...[
      ...paths,
      '/%76%31/chat/completions',
      '/v1/chat/completions/',
      'http://api.deepseek.com/v1/chat/completions',
    ].map((path) => ({ ...chat, path })),
    plainAttack('chat', 'behind'),
  ]
}

/** The evasions over real sockets, in whatever runtime: one server must see nothing, the other nothing that steers. */
export function describeEvasions(name: string, start: (config: object) => Promise<Served>): void {
  describe(`evasions over sockets, ${name}`, () => {
    let [denied, permitted]: (Upstream | undefined)[] = []
    let served: Served | undefined

    beforeAll(async () => {
      denied = await startUpstream((_, response) => void response.end('{}'))
      permitted = await startUpstream(({ body }, response) => {
        response.writeHead(body['model'] === 'ill' ? 503 : 200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(WHOLE))
      })
      served = await start(configOf(denied.url, permitted.url))
    })

    afterAll(async () => {
      await served?.close()
      await denied?.close()
      await permitted?.close()
    })

    test('none brings a byte to the server that is denied', async () => {
      const all = attacks()
      expect(all.length).toBeGreaterThan(300)
      for (const attack of all) await send(served?.url ?? '', attack)
      expect(denied?.arrivals).toEqual([])
      const arrived = permitted?.arrivals ?? []
      expect(arrived.length).toBeGreaterThan(150)
      for (const { path, headers, bytes, body } of arrived) {
        const text = [path, JSON.stringify(headers), Buffer.from(bytes).toString(), JSON.stringify(body)].join('\n')
        expect(foldText(text)).not.toContain('deepseek')
      }
    })
  })
}

/** With the path as it is written: fetch would tidy it up. Resolves when the answer is over. */
function send(base: string, { method, path, headers, body }: Attack): Promise<void> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve) => {
    const sent = request({ hostname, port, method, path, headers }, (response) => {
      response.resume()
      response.on('close', resolve)
    })
    sent.on('error', () => resolve())
    sent.end(body)
  })
}
