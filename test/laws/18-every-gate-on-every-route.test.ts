// Law 18: every gate stands on every route: a table of the routes that the router has by the gates, in which every cell has a test.
import { describe, expect, test } from 'vitest'
import { ALL, ENDPOINTS, type Endpoint } from '#src/core/endpoint.ts'
import { jsonAttack, plainAttack, STREAMED, type Attack } from '../support/evasion-requests.ts'
import { reached } from '../support/law.ts'
import { startRouteWorld, type Answered } from '../support/route-world.ts'

/** What a route does: it asks a provider, lists names, gives what was stored, is for the admin, or tells anybody that the process lives. */
type Kind = 'asks' | 'lists' | 'stored' | 'admin' | 'open'

/** A route that the router has and this table has not is red, and so is one that it has and the router has not. */
const ROUTES: Readonly<Record<string, Kind>> = {
  'POST /v1/chat/completions': 'asks',
  'POST /v1/completions': 'asks',
  'POST /v1/embeddings': 'asks',
  'POST /v1/responses': 'asks',
  'POST /v1/messages': 'asks',
  'POST /v1/messages/count_tokens': 'asks',
  'POST /v1beta/models/*': 'asks',
  'POST /v1/models/*': 'asks',
  'POST /v1/moderations': 'asks',
  'POST /v1/images/generations': 'asks',
  'POST /v1/images/edits': 'asks',
  'POST /v1/audio/speech': 'asks',
  'POST /v1/audio/transcriptions': 'asks',
  'POST /v1/audio/translations': 'asks',
  'POST /v1/rerank': 'asks',
  'POST /v1/decisions': 'asks',
  'GET /v1/responses/:id': 'stored',
  'DELETE /v1/responses/:id': 'stored',
  'POST /v1/responses/:id/cancel': 'stored',
  'GET /v1/responses/:id/input_items': 'stored',
  'GET /v1/models': 'lists',
  'GET /v1/models/*': 'lists',
  'GET /v1beta/models': 'lists',
  'GET /v1beta/models/*': 'lists',
  'GET /-/metrics': 'admin',
  'POST /-/explain': 'admin',
  'POST /-/deny': 'admin',
  'GET /-/deny': 'admin',
  // Lifts what the row of its POST denied.
  'DELETE /-/deny/:id': 'admin',
  // These act on what the row of their POST made; the last one takes it away again.
  'POST /-/keys': 'admin',
  'GET /-/keys': 'admin',
  'GET /-/keys/:id': 'admin',
  'PATCH /-/keys/:id': 'admin',
  'POST /-/keys/:id/rotate': 'admin',
  'DELETE /-/keys/:id': 'admin',
  'GET /-/usage': 'admin',
  'GET /-/health': 'open',
  'GET /-/ready': 'open',
}

const NAMES = Object.keys(ROUTES)
/** No route has more ways to ask. */
const VARIANTS = Array.from({ length: 8 }, (_, variant) => variant)

const world = await startRouteWorld(NAMES.flatMap((_, index) => VARIANTS.map((variant) => keyOf(index, variant))))

/** Each has a minute of its own. */
function keyOf(route: number, variant: number): string {
  return `limited-${route}-${variant}`
}

test('the table has every route of the router, and no other', () => {
  expect(NAMES.toSorted()).toEqual([...world.routes].toSorted())
})

test('every endpoint stands at a route of the table', () => {
  const covered = NAMES.flatMap((route) => endpointsAt(route))
  for (const endpoint of ALL) expect(covered).toContain(endpoint)
})

/** The endpoints that a route leads to; Google's stand at two, by the version in the path. */
function endpointsAt(route: string): readonly Endpoint[] {
  if (ROUTES[route] !== 'asks') return []
  const path = route.slice('POST '.length).replace('/v1/models/', '/v1beta/models/')
  const fits = (template: string): boolean =>
    path.endsWith('*') ? template.startsWith(path.slice(0, -1)) : template === path
  return ALL.filter((endpoint) => fits(ENDPOINTS[endpoint]))
}

/** Every way to ask a model at a route, whole and streamed. */
function asking(route: string, model: string, endpoints = endpointsAt(route)): readonly Attack[] {
  const [, pattern = ''] = route.split(' ')
  const stable = pattern === '/v1/models/*'
  const attacks = endpoints.flatMap((endpoint) => [
    plainAttack(endpoint, model),
    ...(STREAMED.includes(endpoint) ? [jsonAttack({ endpoint, model, more: { stream: true } })] : []),
    ...(endpoint === 'geminiGenerate' ? [geminiStream(model)] : []),
  ])
  return attacks.map((attack) => (stable ? { ...attack, path: attack.path.replace('/v1beta/', '/v1/') } : attack))
}

function geminiStream(model: string): Attack {
  const attack = plainAttack('geminiGenerate', model)
  return { ...attack, path: attack.path.replace(':generateContent', ':streamGenerateContent?alt=sse') }
}

/** The least that a route other than those takes. */
function plainly(route: string, name = 'tiny'): Attack {
  const [method = '', pattern = ''] = route.split(' ')
  const path = pattern.replace(':id', 'resp_1').replace('*', name)
  const denial = { name: 'resp_1', deny: { model: 'nobody-has-this' } }
  const explain = {
    endpoint: '/v1/chat/completions',
    key: 'app',
    body: { model: name, messages: [{ role: 'user', content: 'hi' }] },
  }
  const bodies = new Map<string, object>([
    ['/-/deny', denial],
    ['/-/keys', { id: 'resp_1' }],
    ['/-/keys/resp_1', { tags: ['a'] }],
    ['/-/keys/resp_1/rotate', { overlap: '1h' }],
  ])
  const body = method === 'POST' || method === 'PATCH' ? JSON.stringify(bodies.get(path) ?? explain) : ''
  return { method, path, headers: { 'content-type': 'application/json' }, body }
}

/** How a dialect says why: OpenAI's code, Anthropic's type, Google's status. */
const SAID = {
  401: { openai: 'invalid_api_key', anthropic: 'authentication_error', google: 'UNAUTHENTICATED' },
  403: { openai: 'policy_denied', anthropic: 'permission_error', google: 'PERMISSION_DENIED' },
  429: { openai: 'rate_limit_exceeded', anthropic: 'rate_limit_error', google: 'RESOURCE_EXHAUSTED' },
} as const

/** The status, in the words of the dialect that is spoken at the path. */
function expectRefusal({ status, text }: Answered, { path }: Attack, wanted: keyof typeof SAID): void {
  expect([path, status]).toEqual([path, wanted])
  const { type, error } = JSON.parse(text)
  if (path.startsWith('/v1/messages')) expect([type, error.type]).toEqual(['error', SAID[wanted].anthropic])
  else if (isGoogles(path)) expect([error.code, error.status]).toEqual([wanted, SAID[wanted].google])
  else expect(error.code).toBe(SAID[wanted].openai)
}

function isGoogles(path: string): boolean {
  return path.startsWith('/v1beta/') || (path.startsWith('/v1/models/') && path.includes(':'))
}

/** A cell: what denies there, or why nothing is to be denied. */
type Cell = ((route: string, index: number) => Promise<void>) | string
type Gate = Readonly<Record<Kind, Cell>>

const ASKS_NOBODY = 'no provider is asked and nothing is spent'

const auth: Gate = {
  async asks(route) {
    for (const attack of asking(route, 'tiny')) {
      expectRefusal(await world.ask(attack), attack, 401)
      expectRefusal(await world.ask(attack, 'nobody'), attack, 401)
      expectRefusal(await world.ask(attack, 'admin'), attack, 401)
    }
  },
  lists: noKey,
  stored: noKey,
  async admin(route) {
    for (const key of [undefined, 'nobody', 'app']) expect((await world.ask(plainly(route), key)).status).toBe(401)
    expect((await world.ask(plainly(route), 'admin')).status).toBe(200)
  },
  open: 'it says of the process that it runs, and nothing else',
}

async function noKey(route: string): Promise<void> {
  const attack = plainly(route)
  for (const key of [undefined, 'nobody', 'admin']) expectRefusal(await world.ask(attack, key), attack, 401)
}

const policy: Gate = {
  async asks(route) {
    const before = world.sent.length
    for (const model of ['denied', 'good/denied'])
      for (const attack of asking(route, model)) expectRefusal(await world.ask(attack, 'app'), attack, 403)
    expect(world.sent).toHaveLength(before)
  },
  async lists(route) {
    const answers = [await world.ask(plainly(route, 'denied'), 'app'), await world.ask(plainly(route), 'app')]
    const [denied, tiny] = answers.map(({ status, text }) => status === 200 && text.includes('tiny'))
    expect(tiny).toBe(true)
    if (route.endsWith('*')) expect(denied).toBe(false)
    for (const { text, status } of answers) if (status === 200) expect(text).not.toContain('denied')
  },
  stored: 'it gives what the rules let through when it was asked for',
  async admin(route) {
    const before = world.sent.length
    const { text } = await world.ask(plainly(route, 'denied'), 'admin')
    if (route === 'POST /-/explain') expect(JSON.parse(text)).toMatchObject({ outcome: 'deny', plan: [] })
    expect(world.sent).toHaveLength(before)
  },
  open: ASKS_NOBODY,
}

const limit: Gate = {
  async asks(route, index) {
    for (const [variant, attack] of asking(route, 'tiny').entries()) {
      const key = keyOf(index, variant)
      expect((await world.ask(attack, key)).status).not.toBe(429)
      const before = world.sent.length
      expectRefusal(await world.ask(attack, key), attack, 429)
      expect(world.sent).toHaveLength(before)
    }
  },
  lists: ASKS_NOBODY,
  stored: ASKS_NOBODY,
  admin: ASKS_NOBODY,
  open: ASKS_NOBODY,
}

const log: Gate = {
  async asks(route, index) {
    const lines = async (attack: Attack, key?: string) => {
      const before = world.log.length
      const { status } = await world.ask(attack, key)
      return world.log.slice(before).map((line) => [line.endpoint, line.key, line.status === status, line.outcome])
    }
    const endpoints = new Set(endpointsAt(route).map((endpoint): string => ENDPOINTS[endpoint]))
    for (const [variant, attack] of asking(route, 'tiny').entries()) {
      const [denied] = asking(route, 'denied').slice(variant)
      const spent = keyOf(index, variant)
      await world.ask(attack, spent)
      const written = [await lines(attack, 'app'), await lines(attack, spent), await lines(denied ?? attack, 'app')]
      for (const one of written) expect(one).toHaveLength(1)
      expect(written.map(([line]) => line?.slice(1))).toEqual([
        ['app', true, 'route'],
        [spent, true, 'route'],
        ['app', true, 'deny'],
      ])
      for (const [line] of written) expect(endpoints).toContain(line?.[0])
    }
    // Nobody's request is no decision: it is counted.
    for (const attack of asking(route, 'tiny')) expect(await lines(attack)).toEqual([])
    const { text } = await world.ask(plainly('GET /-/metrics'), 'admin')
    for (const endpoint of endpoints) expect(text).toContain(endpoint)
  },
  lists: nothingLogged,
  stored: nothingLogged,
  admin: nothingLogged,
  open: nothingLogged,
}

/** No decision was made, so none is in the log. */
async function nothingLogged(route: string): Promise<void> {
  const before = world.log.length
  for (const key of [undefined, 'app', 'admin']) await world.ask(plainly(route), key)
  expect(world.log).toHaveLength(before)
}

/** A key whose requests may hold nothing of a person, and nothing that nobody can look into: forms with files. */
const personal: Gate = {
  async asks(route) {
    const before = world.sent.length
    for (const attack of asking(route, 'tiny')) {
      const { body } = attack
      const said = body.startsWith('{') ? { ...attack, body: body.replace('{', '{"x_note":"900101-1234568",') } : attack
      expectRefusal(await world.ask(said, 'private'), attack, 403)
    }
    expect(world.sent).toHaveLength(before)
  },
  lists: ASKS_NOBODY,
  stored: ASKS_NOBODY,
  admin: ASKS_NOBODY,
  open: ASKS_NOBODY,
}

/** A key whose requests may not hold a word. */
const guard: Gate = {
  async asks(route) {
    const before = world.sent.length
    for (const attack of asking(route, 'tiny')) {
      const isForm = !attack.body.startsWith('{')
      const text = isForm ? 'hi' : '{'
      const body = attack.body.replace(text, isForm ? 'opensesame' : '{"x_note":"OpenSesame",')
      expect(body).not.toBe(attack.body)
      expectRefusal(await world.ask({ ...attack, body }, 'guarded'), attack, 403)
    }
    expect(world.sent).toHaveLength(before)
  },
  lists: ASKS_NOBODY,
  stored: ASKS_NOBODY,
  admin: ASKS_NOBODY,
  open: ASKS_NOBODY,
}

/** Endpoints whose answers hold no words of the model: vectors, numbers, pictures, sounds. */
const WORDLESS: readonly Endpoint[] = [
  'embeddings',
  'geminiEmbed',
  'countTokens',
  'geminiCountTokens',
  'geminiBatchEmbed',
  'moderations',
  'imageGenerations',
  'imageEdits',
  'speech',
  'rerank',
  'decisions',
]

/** A key whose answers may not hold a word. */
const watch: Gate = {
  async asks(route) {
    const endpoints = endpointsAt(route).filter((endpoint) => !WORDLESS.includes(endpoint))
    for (const attack of asking(route, 'loud', endpoints)) {
      // The same answer comes to who may have it.
      expect(await world.ask(attack, 'app')).toMatchObject({ status: 200, text: expect.stringContaining('opensesame') })
      const answer = await world.ask(attack, 'watched')
      expectRefusal(answer, attack, 403)
      expect(answer.text).not.toContain('opensesame')
    }
  },
  lists: ASKS_NOBODY,
  stored: 'it gives what the guards let through when it was asked for',
  admin: ASKS_NOBODY,
  open: ASKS_NOBODY,
}

/** A column of the table is a member here. */
const GATES: Readonly<Record<string, Gate>> = { auth, policy, personal, guard, watch, limit, log }

describe.each(Object.entries(GATES))('%s', (_, gate) => {
  test.each(NAMES)('%s', async (route) => {
    const kind = ROUTES[route]
    const cell = kind && gate[kind]
    if (typeof cell === 'function') await cell(route, NAMES.indexOf(route))
    else expect(cell).toBeTruthy()
    reached(1)
  })
})
