// Law 1, as an attacker reads it: no spelling, member, header, address, form, failure or reload brings a byte to a target that policy denies.
import { beforeAll, describe, expect, test } from 'vitest'
import { ALL, ENDPOINTS, endpointAt, type Endpoint } from '#src/core/endpoint.ts'
import { attacksSoFar, DENY, startAttacked, type Attacked } from '../support/evasion-attacker.ts'
import { describeEvasions } from '../support/evasion-suite.ts'
import {
  FORM_STEERING,
  HEADERS,
  QUERIES,
  RAW_STEERING,
  RAW_TOOLS,
  STEERING,
  TOOLS,
  TWO_MODELS,
} from '../support/evasion-fields.ts'
import { ASTRAY, respelled, SAME } from '../support/evasion-names.ts'
import {
  field,
  FORM_ENDPOINTS,
  formAttack,
  inPath,
  JSON_ENDPOINTS,
  jsonAttack,
  LEAST_BODY,
  plainAttack,
  requestOf,
  STREAMED,
  type Attack,
} from '../support/evasion-requests.ts'
import { DENIED, ROUTERS, WANTED, whatLeaked, startEvasionWorld } from '../support/evasion-world.ts'
import { compile, localProvider, startGateway } from '../support/gateway.ts'
import { startServed } from '../support/runtime.ts'
import { startUpstream } from '../support/upstream.ts'

let world: Attacked

beforeAll(async () => {
  world = await startAttacked()
})

const refusedOnly = (status: number): void => expect([400, 403, 404, 501]).toContain(status)

test('every endpoint of the table has its row, and every row an endpoint', () => {
  expect(Object.keys(LEAST_BODY).toSorted()).toEqual([...ALL].toSorted())
  for (const endpoint of ALL) expect(endpointAt(ENDPOINTS[endpoint].replace('{model}', 'a/b'))).toBe(endpoint)
})

describe('by name', () => {
  test('no target is reached at any endpoint by its own name, an alias, or behind a target that fails', async () => {
    for (const endpoint of ALL) {
      for (const [index, { id }] of DENIED.entries()) {
        for (const model of [id, `alias-${index}`])
          expect(await world.attack(plainAttack(endpoint, model)), model).toBe(403)
        await world.attack(plainAttack(endpoint, `behind-${index}`))
      }
      expect(await world.attack(plainAttack(endpoint, 'everything'))).toBe(403)
      await world.attack(plainAttack(endpoint, 'chat'))
    }
    expect(world.leaks()).toEqual([])
  })

  test('nor in a stream', async () => {
    for (const endpoint of STREAMED) {
      for (const [index, { id }] of DENIED.entries()) {
        for (const model of [id, `alias-${index}`, `behind-${index}`])
          await world.attack(jsonAttack({ endpoint, model, more: { stream: true } }))
      }
    }
    for (const { id } of DENIED) {
      const { path, ...attack } = plainAttack('geminiGenerate', id)
      const streamed = path.replace(':generateContent', ':streamGenerateContent')
      for (const query of ['', '?alt=sse']) expect(await world.attack({ ...attack, path: streamed + query })).toBe(403)
      // The stable version's path.
      expect(await world.attack({ ...attack, path: path.replace('v1beta', 'v1') })).toBe(403)
    }
    expect(world.leaks()).toEqual([])
  })

  test.each(Object.entries(SAME))('spelled with %s', async (_, spell) => {
    for (const [index, { id }] of DENIED.entries()) {
      const model = respelled(id, spell)
      refusedOnly(await world.attack(jsonAttack({ endpoint: 'chat', model })))
      refusedOnly(await world.attack(plainAttack(ALL[index % ALL.length] ?? 'chat', model)))
      refusedOnly(await world.attack(jsonAttack({ endpoint: 'responses', model: spell(`alias-${index}x`) })))
    }
    expect(world.taken()).toEqual([])
  })

  test.each(Object.entries(ASTRAY))('led astray by %s', async (_, spell) => {
    for (const { id } of DENIED) {
      refusedOnly(await world.attack(jsonAttack({ endpoint: 'chat', model: spell(id) })))
      refusedOnly(await world.attack(jsonAttack({ endpoint: 'messages', model: respelled(id, spell) })))
      refusedOnly(await world.attack(jsonAttack({ endpoint: 'geminiGenerate', model: spell(id) })))
    }
    expect(world.taken()).toEqual([])
  })

  test('a host that is permitted is asked for no name that nobody vouches for', async () => {
    for (const host of [
      'good',
      'openrouter',
      'huggingface',
      'vercel-ai-gateway',
      'cloudflare-ai-gateway',
      'inner',
      'openai',
      'claude',
    ]) {
      for (const spell of Object.values(SAME)) {
        for (const name of ['deepseek-chat', 'r1-1776', 'some/model'])
          refusedOnly(await world.attack(jsonAttack({ endpoint: 'chat', model: `${host}/${spell(name)}-x` })))
      }
    }
    expect(world.taken()).toEqual([])
  })
})

describe('by what stands beside the name', () => {
  /** Sends one request to each router at each endpoint; what reached them steers nowhere. */
  async function beside(attacksOf: (endpoint: Endpoint, model: string) => readonly Attack[]): Promise<number> {
    let arrived = 0
    for (const endpoint of JSON_ENDPOINTS) {
      for (const model of ROUTERS) {
        for (const attack of attacksOf(endpoint, model)) await world.attack(attack)
        const taken = world.taken()
        arrived += taken.length
        expect(taken.flatMap((one) => whatLeaked(one) ?? [])).toEqual([])
      }
    }
    return arrived
  }

  test('members that steer, whole and in streams', async () => {
    const arrived = await beside((endpoint, model) =>
      STEERING.flatMap((more) => [
        jsonAttack({ endpoint, model, more }),
        ...(STREAMED.includes(endpoint) ? [jsonAttack({ endpoint, model, more: { ...more, stream: true } })] : []),
      ]),
    )
    expect(arrived).toBeGreaterThan(STEERING.length * 10)
  })

  test('members that steer beside a model of an address, in Google’s dialect', async () => {
    for (const endpoint of JSON_ENDPOINTS.filter(inPath)) {
      for (const more of STEERING) await world.attack(jsonAttack({ endpoint, model: 'gemini/gemini-3-flash', more }))
    }
    const told = world.taken().map(({ text }) => text)
    expect(told.length).toBeGreaterThan(STEERING.length * 3)
    expect(told.filter((text) => text.includes('deepseek'))).toEqual([])
  })

  test('members in escapes, twice, or of a prototype', async () => {
    const arrived = await beside((endpoint, model) =>
      [...RAW_STEERING, ...RAW_TOOLS].map((raw) => jsonAttack({ endpoint, model, raw })),
    )
    expect(arrived).toBeGreaterThan(50)
  })

  test('a model that is there twice is a 400', async () => {
    for (const endpoint of JSON_ENDPOINTS.filter((one) => !inPath(one))) {
      for (const raw of TWO_MODELS)
        expect(await world.attack(jsonAttack({ endpoint, model: 'good/tiny', raw })), raw).toBe(400)
    }
    expect(world.taken()).toEqual([])
  })

  test('tools that ask another model', async () => {
    const FUNCTION = { type: 'function', function: { name: 'f', parameters: { properties: { model: {} } } } }
    const arrived = await beside((endpoint, model) =>
      TOOLS.flatMap((tool) => [
        jsonAttack({ endpoint, model, more: { tools: [tool], tool_choice: 'required' } }),
        jsonAttack({ endpoint, model, more: { tools: [FUNCTION, tool, tool] } }),
      ]),
    )
    expect(arrived).toBeGreaterThan(TOOLS.length * 10)
  })

  test('a model of another type than text', async () => {
    for (const endpoint of JSON_ENDPOINTS.filter((one) => !inPath(one))) {
      for (const model of [[WANTED], { id: WANTED }, null, 1, true, ''])
        refusedOnly(await world.attack(jsonAttack({ endpoint, model: 'good/tiny', more: { model } })))
    }
    expect(world.taken()).toEqual([])
  })

  test('fields of a form, before the file and behind it', async () => {
    let arrived = 0
    for (const endpoint of FORM_ENDPOINTS) {
      for (const [name, value] of FORM_STEERING) {
        const [model, steering] = [field('model', 'good/tiny'), field(name, value)]
        await world.attack(formAttack(endpoint, [model, steering]))
        await world.attack(formAttack(endpoint, [steering], [model]))
        await world.attack(formAttack(endpoint, [model], [{ ...steering, head: `${steering.head}; filename="a"` }]))
        const taken = world.taken()
        arrived += taken.length
        expect(taken.flatMap((one) => whatLeaked(one) ?? [])).toEqual([])
      }
    }
    expect(arrived).toBeGreaterThan(FORM_STEERING.length * 6)
  })

  test('a form that two readers would read two ways is a 400', async () => {
    const heads = [
      'name=model',
      'NAME="model"',
      `name*=utf-8''model`,
      'name="mod%65l"',
      'name="model "',
      'name="\\model"',
    ]
    for (const endpoint of FORM_ENDPOINTS) {
      for (const head of heads) {
        refusedOnly(await world.attack(formAttack(endpoint, [field('model', 'good/tiny')], [{ head, value: WANTED }])))
        refusedOnly(await world.attack(formAttack(endpoint, [{ head, value: WANTED }])))
      }
    }
    expect(world.taken()).toEqual([])
  })

  test('headers that steer gateways, at each of them', async () => {
    for (const endpoint of JSON_ENDPOINTS) {
      for (const model of ROUTERS) {
        const attack = plainAttack(endpoint, model)
        for (const header of HEADERS) await world.attack({ ...attack, headers: { ...attack.headers, ...header } })
      }
    }
    const taken = world.taken()
    expect(new Set(taken.map(({ provider }) => provider)).size).toBe(ROUTERS.length)
    expect(taken.flatMap((one) => whatLeaked(one) ?? [])).toEqual([])
  })

  test('headers and queries of other gateways, and our own', async () => {
    for (const endpoint of ALL) {
      const [good, bad] = [plainAttack(endpoint, 'good/tiny'), plainAttack(endpoint, WANTED)]
      for (const header of HEADERS) {
        await world.attack({ ...good, headers: { ...good.headers, ...header } })
        const status = await world.attack({ ...bad, headers: { ...bad.headers, ...header } })
        // Under the key of the good one it is another request.
        expect([endpoint, status]).toEqual([endpoint, 'idempotency-key' in header ? 400 : 403])
      }
      for (const query of QUERIES) {
        await world.attack({ ...good, path: good.path + query })
        expect(await world.attack({ ...bad, path: bad.path + query })).toBe(403)
      }
    }
    const taken = world.taken()
    expect(taken.length).toBeGreaterThan(HEADERS.length * 10)
    expect(taken.flatMap((one) => whatLeaked(one) ?? [])).toEqual([])
  })
})

describe('by the way there', () => {
  const METHODS = ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']
  const PATHS: readonly ((path: string) => string)[] = [
    (path) => `/${path}`,
    (path) => `${path}/`,
    (path) => `${path}//`,
    (path) => path.toUpperCase(),
    (path) => path.replace('/v1', '/v1/.'),
    (path) => path.replace('/v1', '/v1/x/..'),
    (path) => path.replace('/v1', '/%76%31'),
    (path) => path.replace('/v1', '/v1/%2e'),
    (path) => path.replace('/v1', '/v1/v1'),
    (path) => path.replace('/v1', ''),
    (path) => path.replace('/v1', '/api/v1'),
    (path) => path.replace('/v1', '/openai/deployments/deepseek'),
    (path) => path.replaceAll('/', '%2f').replace('%2f', '/'),
    (path) => `${path};model=deepseek`,
    (path) => `${path}%00`,
    (path) => `${path}%20`,
    (path) => `${path}?`,
  ]

  test('no way to write an address, and no method, goes round the rules', async () => {
    for (const endpoint of ALL) {
      const attack = plainAttack(endpoint, WANTED)
      for (const way of PATHS) refusedOnly(await world.attack({ ...attack, path: way(attack.path) }))
      for (const method of METHODS) expect(await world.attack({ ...attack, method })).toBeGreaterThanOrEqual(400)
    }
    expect(world.taken()).toEqual([])
  })

  test('a redirect leads nowhere, and a target that fails hands on to none that is denied', async () => {
    for (const endpoint of ALL) {
      await world.attack(plainAttack(endpoint, 'moved'))
      await world.attack(plainAttack(endpoint, 'behind-0'))
    }
    const taken = world.taken()
    expect(new Set(taken.map(({ provider }) => provider))).toEqual(new Set(['moving', 'broken']))
  })

  test('a rule that is written while a request waits holds for its next attempt', async () => {
    const upstream = await startUpstream((_, response) => {
      tutti.gateway.snapshot = after
      response.writeHead(503)
      response.end()
    })
    const local = (lineage: readonly string[]) => ({
      ...localProvider(upstream.url),
      models: { tiny: { developer: 'tutti-test', lineage } },
    })
    const config = {
      providers: { good: local([]), house: local(['deepseek-r1']) },
      models: { chat: { targets: ['good/tiny', 'house/tiny'], retry: { attempts: 2 } } },
    }
    const [before, after] = [await compile(config), await compile({ ...config, policies: [DENY] })]
    const tutti = await startGateway(config)
    try {
      const waiting = [
        ...STREAMED.map((endpoint) => jsonAttack({ endpoint, model: 'chat' })),
        ...STREAMED.map((endpoint) => jsonAttack({ endpoint, model: 'chat', more: { stream: true } })),
        plainAttack('geminiGenerate', 'chat'),
      ]
      for (const [index, attack] of waiting.entries()) {
        tutti.gateway.snapshot = before
        await (await fetch(requestOf(attack, tutti.url))).text()
        const { attempts } = await tutti.decision(index)
        expect(attempts.map(({ target, outcome }) => [target, outcome])).toContainEqual(['house/tiny', 'denied'])
        expect(attempts.filter(({ target, status }) => target === 'house/tiny' && status !== undefined)).toEqual([])
      }
    } finally {
      await tutti.close()
      await upstream.close()
    }
  })

  test('stored answers of other requests, and ids that are none', async () => {
    for (const previous of ['resp_1', WANTED, '../deepseek', '']) {
      for (const model of [WANTED, 'good/tiny', 'openai/gpt-6-luna'])
        await world.attack(jsonAttack({ endpoint: 'responses', model, more: { previous_response_id: previous } }))
    }
    expect(world.leaks()).toEqual([])
  })

  test('explaining asks nobody, and says what a request would meet', async () => {
    for (const endpoint of JSON_ENDPOINTS) {
      for (const { id } of DENIED) {
        const path = ENDPOINTS[endpoint].replace('{model}', id)
        const body = inPath(endpoint) ? LEAST_BODY[endpoint] : { model: id, ...LEAST_BODY[endpoint] }
        const { outcome, plan } = await world.gateway.explain({ endpoint: path, body })
        expect({ outcome, plan }).toEqual({ outcome: 'deny', plan: [] })
      }
    }
    expect(world.taken()).toEqual([])
  })
})

test('they are many, none counted twice', () => {
  console.log(`evasion: ${attacksSoFar()} distinct requests`)
  expect(attacksSoFar()).toBeGreaterThanOrEqual(1500)
})

test('a tool of the vendor that names a model of the same vendor, which a rule denies', async () => {
  const policies = [{ name: 'no-images', deny: { model: 'gpt-image-*' } }]
  const denied = await startEvasionWorld(policies)
  const ask = ({ gateway }: typeof denied, model: string) => {
    const body = { model: 'openai/gpt-4o', input: 'hi', tools: [{ type: 'image_generation', model }] }
    return gateway.fetch(new Request('http://tutti/v1/responses', { method: 'POST', body: JSON.stringify(body) }))
  }
  for (const model of ['gpt-image-1', 'GPT-Image-1', 'ｇｐｔ-image-1.5', 'gpt-image-1-2026-01-01']) {
    expect([model, (await ask(denied, model)).status]).toEqual([model, 403])
    expect(denied.taken()).toEqual([])
  }
  expect((await ask(denied, 'dall-e-3')).status).not.toBe(403)
  expect(denied.taken().length).toBeGreaterThan(0)
})

describeEvasions('Node', startServed)
