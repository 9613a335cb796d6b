// Law 1 for tools that whoever answers calls itself: a host that they name is judged by what is known of it.
import { describe, expect, test } from 'vitest'
import { parseJson } from '#src/core/json.ts'
import { createGateway } from '#src/index.ts'
import { readRecord } from '#src/pipeline/read-record.ts'

const DENY = { name: 'no-deepseek', deny: { operator: 'deepseek' } }
const HOUSE = {
  type: 'openai-compatible',
  baseUrl: 'https://mcp.house.example/v1',
  apiKey: 'sk-test',
  region: 'KR',
  operator: { name: 'house', country: 'KR' },
}

const ANSWER = {
  id: 'resp_1',
  object: 'response',
  model: 'gpt-6-luna',
  status: 'completed',
  output: [{ type: 'message', id: 'm', role: 'assistant', content: [{ type: 'output_text', text: 'hello' }] }],
}

async function start(policies: readonly object[]) {
  const sent: string[] = []
  const providers = {
    openai: {
      apiKey: 'sk-test',
      baseUrl: 'https://api.openai.com/v1',
      region: 'KR',
      models: { 'gpt-6-luna': { developer: 'openai', lineage: [] } },
    },
    claude: { type: 'anthropic', apiKey: 'sk-test', models: { 'claude-haiku-5-5': { lineage: [] } } },
    gemini: { apiKey: 'sk-test', models: { 'gemini-3-flash': { lineage: [] } } },
    house: HOUSE,
    rented: { ...HOUSE, baseUrl: 'https://10.1.2.3/v1', local: true, operator: { name: 'DeepSeek' } },
  }
  const gateway = await createGateway(
    { version: 1, providers, policies },
    {
      fetch(_, init) {
        sent.push(String(init.body))
        return Promise.resolve(Response.json(ANSWER))
      },
    },
  )
  const ask = async (path: string, body: object) => {
    const response = await gateway.fetch(
      new Request(`http://tutti${path}`, { method: 'POST', body: JSON.stringify(body) }),
    )
    return { status: response.status, text: await response.text() }
  }
  const respond = (url: string) =>
    ask('/v1/responses', {
      model: 'openai/gpt-6-luna',
      input: 'hi',
      tools: [{ type: 'mcp', server_label: 'x', server_url: url }],
    })
  return { ask, respond, sent, gateway }
}

const SPELLINGS = [
  'https://api.deepseek.com/mcp',
  'HTTPS://API.DeepSeek.COM:8443/mcp',
  'https://api.deepseek.com./mcp',
  'https://user:word@api.deepseek.com/mcp',
  'https://api.deep%73eek.com/mcp',
  'https://ａｐｉ．ｄｅｅｐｓｅｅｋ．ｃｏｍ/mcp',
  'https://api。deepseek。com/mcp',
  'https://api.deep\u00ADseek.com/mcp',
  'https://api.deep\nseek.com/mcp',
  ' \thttps://api.deepseek.com/mcp',
  'https:\\\\api.deepseek.com\\mcp',
  'https:api.deepseek.com/mcp',
  '//api.deepseek.com/mcp',
  'api.deepseek.com/mcp',
  'api.deepseek.com:443/mcp',
  'wss://api.deepseek.com/mcp',
  'sse://api.deepseek.com/mcp',
  'mcp+https://API.deepseek.com/mcp',
  'https://ok.example\\@api.deepseek.com/mcp',
  'https://mcp.deepseek.com/sse',
  'https://deepseek.com/sse',
  'https://a.b.api.deepseek.com/sse',
  'https://10.1.2.3/mcp',
  'https://0xa.66051/mcp',
  'https://167838211/mcp',
  'https://012.1.2.3./mcp',
  'https://[::ffff:10.1.2.3]/mcp',
]

describe('a host of an operator that a rule denies', () => {
  test.each(SPELLINGS)('is called by nobody: %j', async (url) => {
    const { respond, sent } = await start([DENY])
    const { status, text } = await respond(url)
    expect(status).toBe(403)
    expect(text).toContain('a tool of the request has')
    expect(sent).toEqual([])
  })

  test.each([
    [
      '/v1/chat/completions',
      'openai/gpt-6-luna',
      { tools: [{ type: 'mcp', server_url: 'https://api.deepseek.com/' }] },
    ],
    ['/v1/chat/completions', 'openai/gpt-6-luna', { tools: [{ mcp: { Server_URL: 'https://api.deepseek.com/' } }] }],
    ['/v1/messages', 'claude/claude-haiku-5-5', { mcp_servers: [{ type: 'url', url: 'https://api.deepseek.com/' }] }],
    ['/v1/messages', 'openai/gpt-6-luna', { mcp_servers: [{ type: 'url', url: 'https://api.deepseek.com/' }] }],
    [
      '/v1beta/models/gemini/gemini-3-flash:generateContent',
      '',
      { tools: { mcpServers: [{ streamableHttpTransport: { url: 'https://api.deepseek.com/' } }] } },
    ],
    [
      '/v1beta/models/gemini/gemini-3-flash:generateContent',
      '',
      { tools: [{ mcp_servers: [{ streamable_http_transport: { url: 'https://api.deepseek.com/' } }] }] },
    ],
  ])('in every dialect: %s %s', async (path, model, more) => {
    const { ask, sent } = await start([DENY])
    const messages = [{ role: 'user', content: 'hi' }]
    const body = path.startsWith('/v1beta')
      ? { contents: [{ role: 'user', parts: [{ text: 'hi' }] }], ...more }
      : { model, messages, max_tokens: 10, ...more }
    expect((await ask(path, body)).status).toBe(403)
    expect(sent).toEqual([])
  })

  test.each([
    { server_uri: 'https://api.deepseek.com/' },
    { mcp_server_url: 'https://api.deepseek.com/' },
    { server_url: ['https://mcp.example.com/', 'https://api.deepseek.com/'] },
    { serverUrls: ['https://api.deepseek.com/'] },
    { api_base: 'https://api.deepseek.com/' },
    { server: { host: 'api.deepseek.com' } },
  ])('under other names, and in lists: %j', async (tool) => {
    const { ask, sent } = await start([DENY])
    const body = { model: 'openai/gpt-6-luna', input: 'hi', tools: [{ type: 'mcp', ...tool }] }
    expect((await ask('/v1/responses', body)).status).toBe(403)
    expect(sent).toEqual([])
  })

  test('what its operator makes is denied there, whoever else is asked', async () => {
    const { respond } = await start([{ name: 'no-deepseek', deny: { developer: 'deepseek', derived: true } }])
    expect((await respond('https://mcp.deepseek.com/')).status).toBe(403)
    expect((await respond('https://mcp.example.com/')).status).toBe(200)
  })

  test('by the country of an operator, and by the name of a provider of the file', async () => {
    const country = await start([{ name: 'no-china', deny: { operatorCountry: 'CN' } }])
    expect((await country.respond('https://x.oss-cn-beijing.aliyuncs.com/')).status).toBe(403)
    const named = await start([{ name: 'no-house', deny: { provider: 'house' } }])
    expect((await named.respond('https://mcp.house.example/')).status).toBe(403)
    expect((await named.respond('https://deep.mcp.house.example/')).status).toBe(403)
  })
})

describe('a host of which nothing speaks against it', () => {
  test.each([
    'https://mcp.example.com/',
    'https://deepseek.com.example.org/',
    'https://notdeepseek.com/',
    'https://example.com/api.deepseek.com',
    'https://example.com/?to=https://api.deepseek.com',
    'https://api.deepseek.com@mcp.example.com/',
    'https://10.1.2.4/',
  ])('may be called: %s', async (url) => {
    const { respond, sent } = await start([DENY])
    expect((await respond(url)).status).toBe(200)
    expect(sent[0]).toContain(JSON.stringify(url))
  })

  test('words in a description, a schema or a prompt call nobody', async () => {
    const { ask } = await start([DENY])
    const parameters = {
      type: 'object',
      properties: { url: { const: 'https://api.deepseek.com' } },
      url: 'api.deepseek.com',
    }
    const { status } = await ask('/v1/responses', {
      model: 'openai/gpt-6-luna',
      input: 'see https://api.deepseek.com',
      tools: [{ type: 'function', name: 'url', description: 'https://api.deepseek.com', parameters }],
    })
    expect(status).toBe(200)
  })

  test('an image that is fetched is no call: what is asked for is its address alone', async () => {
    const { ask } = await start([DENY])
    const content = [{ type: 'input_image', image_url: 'https://api.deepseek.com/a.png' }]
    const body = { model: 'openai/gpt-6-luna', input: [{ role: 'user', content }] }
    expect((await ask('/v1/responses', body)).status).toBe(200)
  })
})

describe('a rule that requires a place', () => {
  const KOREA = { name: 'in-korea', require: { region: 'KR' } }

  test('is met by a host that the file declares there, and by no other', async () => {
    const { respond, sent } = await start([KOREA])
    expect((await respond('https://MCP.house.example./sse')).status).toBe(200)
    sent.splice(0)
    for (const url of ['https://mcp.example.com/', 'https://x.mcp.house.example/', 'https://api.deepseek.com/']) {
      const { status, text } = await respond(url)
      expect(status).toBe(403)
      expect(text).toContain('in-korea')
    }
    expect((await respond('https://mcp.example.com/')).text).toContain('at a provider with this host in its `baseUrl`')
    expect(sent).toEqual([])
  })

  test('nor by a connector, of which nobody says where it is', async () => {
    const { ask, sent } = await start([KOREA])
    const tools = [{ type: 'mcp', server_label: 'x', connector_id: 'connector_dropbox' }]
    expect((await ask('/v1/responses', { model: 'openai/gpt-6-luna', input: 'hi', tools })).status).toBe(403)
    expect(sent).toEqual([])
  })

  test('lets the unknown pass where it says so; what it requires of models is not asked of hosts', async () => {
    const lenient = await start([{ ...KOREA, unknown: 'allow' }])
    expect((await lenient.respond('https://mcp.example.com/')).status).toBe(200)
    const maker = await start([{ name: 'makers', require: { developer: 'openai', lineage: [] } }])
    expect((await maker.respond('https://mcp.example.com/')).status).toBe(200)
  })
})

test('more than anybody has use for is refused, so that none hides behind the rest', async () => {
  const { ask, sent } = await start([DENY, { name: 'no-images', deny: { model: 'gpt-image-*' } }])
  const many = Array.from({ length: 64 }, (_, index) => index)
  const servers = [...many.map((index) => `https://mcp${index}.example.com/`), 'https://api.deepseek.com/']
  const models = [...many.map((index) => `painter-${index}`), 'gpt-image-1']
  for (const tools of [
    servers.map((server_url) => ({ type: 'mcp', server_url })),
    models.map((model) => ({ model })),
  ]) {
    const { status, text } = await ask('/v1/responses', { model: 'openai/gpt-6-luna', input: 'hi', tools })
    expect([status, text]).toEqual([400, expect.stringContaining('more than 64')])
  }
  expect(sent).toEqual([])
})

test('a name that is longer than any is refused: it would be kept', async () => {
  const { ask, sent } = await start([DENY])
  const body = {
    model: 'openai/gpt-6-luna',
    input: 'hi',
    tools: [{ type: 'image_generation', model: 'x'.repeat(1025) }],
  }
  expect((await ask('/v1/responses', body)).status).toBe(400)
  expect(sent).toEqual([])
})

test('the decision records the host and nothing else of the address', async () => {
  const { gateway } = await start([DENY])
  const tools = [{ type: 'mcp', server_url: 'https://name:secret@mcp.example.com/token?key=secret' }]
  const body = { model: 'openai/gpt-6-luna', input: 'hi', tools }
  const decision = parseJson(JSON.stringify(await gateway.explain({ endpoint: '/v1/responses', body })))
  expect(decision).toMatchObject({ inputs: { signals: { called: ['mcp.example.com'] } } })
  expect(JSON.stringify(decision)).not.toContain('secret')
  expect(readRecord(decision ?? null)).toMatchObject({ inputs: { signals: { called: ['mcp.example.com'] } } })
})
