import { expect, test } from 'vitest'
import type { ServerTool } from './conversation.ts'
import { optionNotSent, serverToolOptions } from './server-tool.ts'

const tool = (vendor: string, value: ServerTool['value'], common = 'web_search'): ServerTool => ({
  kind: 'server',
  vendor,
  common,
  value,
})
const place = { city: 'Seoul', country: 'KR' }

test.each([
  [
    'openai',
    {
      type: 'web_search',
      search_context_size: 'low',
      filters: { allowed_domains: ['a.kr'] },
      user_location: { type: 'approximate', ...place },
    },
    { allowedDomains: ['a.kr'], location: place, others: ['search_context_size'] },
  ],
  [
    'anthropic',
    {
      type: 'web_search_20250305',
      name: 'web_search',
      cache_control: { type: 'ephemeral' },
      max_uses: 3,
      blocked_domains: ['b.kr'],
      user_location: null,
    },
    { blockedDomains: ['b.kr'], others: ['max_uses'] },
  ],
  ['google', { googleSearch: { timeRangeFilter: {} } }, { others: ['timeRangeFilter'] }],
  ['google', { googleSearch: {} }, { others: [] }],
])('what %s asks of a search: %j', (vendor, value, options) => {
  expect(serverToolOptions(tool(vendor, value))).toEqual(options)
})

test('options of other tools are their vendor`s own', () => {
  const value = { type: 'code_interpreter', container: { type: 'auto' } }
  expect(serverToolOptions(tool('openai', value, 'code_execution'))).toEqual({ others: ['container'] })
  expect(serverToolOptions(tool('google', { codeExecution: {} }, 'code_execution'))).toEqual({ others: [] })
})

test('the caller is told of an option by its tool', () => {
  expect(optionNotSent('max_uses', tool('anthropic', {}))).toBe(
    '`max_uses` of the tool `web_search` was not sent: the provider has no such field',
  )
})
