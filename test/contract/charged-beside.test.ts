// What vendors report beside tokens that costs or changes a price, and what requests ask for: searches, service tiers, places.
import { expect, test } from 'vitest'
import type { Adapter } from '#src/core/adapter.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import type { JsonObject } from '#src/core/json.ts'
import type { Signals } from '#src/core/request.ts'
import { dialects } from '#src/dialects/registry.ts'
import { anthropic } from '#providers/anthropic/index.ts'
import { gemini } from '#providers/google-gemini/index.ts'
import { openai } from '#providers/openai/index.ts'
import { perplexity } from '#providers/perplexity/index.ts'
import { xai } from '#providers/xai/index.ts'

type Told = { searches?: number; serviceTier?: string; region?: string; cachedAudio?: number }

function told(adapter: Adapter, endpoint: Endpoint, answer: JsonObject): Told {
  const { searches, serviceTier, region, cachedAudio } =
    adapter.observe(answer, { endpoint, stream: false }).usage ?? {}
  const all = { searches, serviceTier, region, cachedAudio }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

const CHAT = { prompt_tokens: 1, completion_tokens: 1 }
const RESPONSE = { input_tokens: 1, output_tokens: 1 }
const searched = (action?: string) => ({ type: 'web_search_call', ...(action && { action: { type: action } }) })
const grounded = (webSearchQueries: readonly string[]) => ({ groundingMetadata: { webSearchQueries } })
const SPACE = 'a b'

test.each<[string, Adapter, Endpoint, JsonObject, Told]>([
  ['nothing', openai, 'chat', { usage: CHAT }, {}],
  ['a tier', openai, 'chat', { usage: CHAT, service_tier: 'Priority' }, { serviceTier: 'priority' }],
  ['what is no name of a tier', openai, 'chat', { usage: CHAT, service_tier: SPACE }, {}],
  ['an empty one', openai, 'chat', { usage: CHAT, service_tier: '' }, {}],
  [
    'cached sound',
    openai,
    'chat',
    { usage: { ...CHAT, prompt_tokens_details: { cached_tokens: 1, cached_tokens_details: { audio_tokens: 1 } } } },
    { cachedAudio: 1 },
  ],
  ['a tier of Responses', openai, 'responses', { usage: RESPONSE, service_tier: 'flex' }, { serviceTier: 'flex' }],
  [
    'searches of Responses, not pages',
    openai,
    'responses',
    { usage: RESPONSE, output: [searched('search'), searched('open_page'), searched()] },
    { searches: 2 },
  ],
  ['pages alone', openai, 'responses', { usage: RESPONSE, output: [searched('open_page')] }, { searches: 0 }],
  ['queries of Perplexity', perplexity, 'chat', { usage: { ...CHAT, num_search_queries: 4 } }, { searches: 4 }],
  ['sources of xAI', xai, 'chat', { usage: { ...CHAT, num_sources_used: 3 } }, { searches: 3 }],
  [
    "calls of xAI's tools",
    xai,
    'responses',
    {
      usage: {
        ...RESPONSE,
        num_sources_used: 9,
        server_side_tool_usage_details: { web_search_calls: 2, x_search_calls: 1 },
      },
    },
    { searches: 3 },
  ],
  [
    "Anthropic's searches, place and tier",
    anthropic,
    'messages',
    { usage: { ...RESPONSE, server_tool_use: { web_search_requests: 2 }, inference_geo: 'us', service_tier: 'batch' } },
    { searches: 2, region: 'us', serviceTier: 'batch' },
  ],
  [
    "Anthropic's fast mode, and a place that it does not say",
    anthropic,
    'messages',
    { usage: { ...RESPONSE, speed: 'fast', service_tier: 'standard', inference_geo: 'not_available' } },
    { serviceTier: 'fast' },
  ],
  [
    "Gemini's queries, each once",
    gemini,
    'geminiGenerate',
    {
      modelVersion: 'gemini-3.8-flash',
      candidates: [grounded(['a', '', 'b']), grounded(['b'])],
      usageMetadata: { promptTokenCount: 1 },
    },
    { searches: 2 },
  ],
  [
    "Gemini 2.5's prompt",
    gemini,
    'geminiGenerate',
    {
      modelVersion: 'gemini-2.5-pro',
      candidates: [grounded(['a', 'b'])],
      usageMetadata: { promptTokenCount: 1, trafficType: 'ON_DEMAND' },
    },
    { searches: 1, serviceTier: 'on_demand' },
  ],
])('an answer says %s', (_, adapter, endpoint, answer, expected) =>
  expect(told(adapter, endpoint, answer)).toEqual(expected),
)

function sensed(endpoint: Endpoint, body: JsonObject): Signals {
  const context = { id: 'r', tags: [], metadata: {}, path: `/v1beta/models/m:generateContent` }
  const whole = { model: 'm', ...BODIES.get(endpoint), ...body }
  return dialects[endpoint].sense(dialects[endpoint].read(JSON.stringify(whole), context))
}

function asked(endpoint: Endpoint, body: JsonObject): object {
  const { searches, serviceTier } = sensed(endpoint, body)
  return { ...(searches !== undefined && { searches }), ...(serviceTier !== undefined && { serviceTier }) }
}

const MESSAGES = [{ role: 'user', content: 'hi' }]
const BODIES: ReadonlyMap<Endpoint, JsonObject> = new Map<Endpoint, JsonObject>([
  ['chat', { messages: MESSAGES }],
  ['messages', { messages: MESSAGES, max_tokens: 1 }],
  ['responses', { input: 'hi' }],
  ['geminiGenerate', { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }],
])
const webSearch = (more: JsonObject = {}) => ({ type: 'web_search_20250305', name: 'web_search', ...more })
const FUNCTION = { type: 'function', function: { name: 'web_search', parameters: {} } }

test.each<[string, Endpoint, JsonObject, object]>([
  ['nothing', 'chat', {}, {}],
  ['nothing by a function of its own', 'chat', { tools: [FUNCTION], service_tier: 'auto' }, {}],
  ['a search', 'chat', { web_search_options: {} }, { searches: 'any' }],
  ['a dearer tier', 'chat', { service_tier: 'priority' }, { serviceTier: 'priority' }],
  ['a search', 'responses', { tools: [{ type: 'web_search' }] }, { searches: 'any' }],
  ['some searches at most', 'responses', { tools: [{ type: 'web_search' }], max_tool_calls: 3 }, { searches: 3 }],
  ['files only', 'responses', { tools: [{ type: 'file_search', vector_store_ids: ['v'] }] }, {}],
  [
    'some searches at most',
    'messages',
    { tools: [webSearch({ max_uses: 2 }), webSearch({ max_uses: 3 })] },
    { searches: 5 },
  ],
  ['as many as it likes', 'messages', { tools: [webSearch({ max_uses: 2 }), webSearch()] }, { searches: 'any' }],
  ['the fast mode', 'messages', { speed: 'fast' }, { serviceTier: 'fast' }],
  ['a search', 'geminiGenerate', { tools: [{ googleSearch: {} }] }, { searches: 'any' }],
  ['a search, not in a list', 'geminiGenerate', { tools: { googleSearch: {} } }, { searches: 'any' }],
  ['a search, spelled otherwise', 'geminiGenerate', { tools: [{ google_search: {} }] }, { searches: 'any' }],
])('a request asks for %s (%s)', (_, endpoint, body, expected) => expect(asked(endpoint, body)).toEqual(expected))

const GOOGLES_FUNCTION = { functionDeclarations: [{ name: 'f' }] }

test.each<[Endpoint, JsonObject]>([
  ['chat', { web_search_options: {} }],
  ['chat', { search_parameters: { mode: 'on' } }],
  ['chat', { plugins: [{ id: 'web' }] }],
  ['chat', { data_sources: [{ type: 'azure_search' }] }],
  ['chat', { tools: [FUNCTION, { type: 'builtin_function', function: { name: '$web_search' } }] }],
  ['chat', { tools: [{ type: 'customsearch' }] }],
  ['responses', { tools: [{ type: 'web_search' }], max_tool_calls: 3 }],
  ['responses', { tools: [{ type: 'file_search', vector_store_ids: ['v'] }] }],
  ['responses', { tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] }],
  ['responses', { tools: [{ type: 'mcp', server_label: 's', server_url: 'https://x.example' }] }],
  ['responses', { conversation: 'conv_1' }],
  ['responses', { prompt: { id: 'pmpt_1' } }],
  ['responses', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
  ['messages', { tools: [webSearch({ max_uses: 2 })] }],
  ['messages', { tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] }],
  ['messages', { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] }],
  ['messages', { mcp_servers: [{ type: 'url', url: 'https://x.example', name: 'x' }] }],
  ['geminiGenerate', { tools: [GOOGLES_FUNCTION, { googleSearch: {} }] }],
  ['geminiGenerate', { tools: [{ ...GOOGLES_FUNCTION, url_context: {} }] }],
  ['geminiGenerate', { tools: { codeExecution: {} } }],
  ['geminiGenerate', { cached_content: 'cachedContents/1' }],
])('what the provider reads beside the request nobody can measure (%s: %j)', (endpoint, body) =>
  expect(sensed(endpoint, body).unmeasured).toBe(1),
)

test.each<[Endpoint, JsonObject]>([
  ['chat', { tools: [FUNCTION, { type: 'custom', custom: { name: 'c' } }], enable_search: false }],
  ['responses', { tools: [{ type: 'function', name: 'f' }, { type: 'custom', name: 'c' }, { type: 'local_shell' }] }],
  [
    'messages',
    {
      tools: [
        { name: 'search', input_schema: {} },
        { type: 'bash_20250124', name: 'bash' },
      ],
    },
  ],
  [
    'messages',
    {
      tools: [
        { type: 'custom', name: 'c', input_schema: {} },
        { type: 'memory_20250818', name: 'm' },
      ],
    },
  ],
  ['geminiGenerate', { tools: [GOOGLES_FUNCTION, { function_declarations: [] }, { computer_use: {} }] }],
])('what callers run themselves is measured (%s: %j)', (endpoint, body) =>
  expect(sensed(endpoint, body).unmeasured).toBe(0),
)
