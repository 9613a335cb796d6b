import { RE2JS } from 're2js'
import { describe, expect, test, vi } from 'vitest'
import type { Circumstances } from '#src/core/circumstances.ts'
import { compileCondition } from './condition.ts'

const came: Circumstances = {
  request: {
    model: 'chat',
    endpoint: '/v1/chat/completions',
    stream: true,
    input_tokens: 20,
    choices: 2,
    needs: ['chat', 'tools'],
    tags: ['press'],
    metadata: { data_class: 'personal', size: 3, nested: { a: [1] }, nothing: null },
  },
  client: { ip: '10.1.2.3' },
  key: { id: 'team-a', tenant: 'kakao', tags: ['ministry'] },
  now: Date.parse('2026-11-26T23:30:00Z'),
}

function ask(text: string, more: Partial<Circumstances['request']> = {}): boolean {
  const compiled = compileCondition(text)
  if (!compiled.ok) throw new Error(compiled.message)
  return compiled.condition({ ...came, request: { ...came.request, ...more } })
}

test.each([
  ['request.model == "chat" && request.endpoint.endsWith("/completions")', true],
  ['request.stream && request.choices > 1 && request.input_tokens <= 20', true],
  ['request.input_tokens > 20', false],
  ['"tools" in request.needs && "press" in request.tags', true],
  ['request.needs.exists(need, need == "images")', false],
  ['request.metadata.?data_class.orValue("") == "personal"', true],
  ['request.metadata.?other.orValue("") == "personal"', false],
  ['request.metadata.?size.orValue(0) > 2', true],
  ['request.metadata[?"data-class"].orValue("none") == "none"', true],
  ['request.metadata.?nothing.orValue("") == null', true],
  ['has(request.metadata.other) && request.metadata.other == "x"', false],
  ['key.id == "team-a" && key.tenant == "kakao" && "ministry" in key.tags', true],
  ['time.now.getHours("Asia/Seoul") == 8 && time.now.getDayOfWeek("Asia/Seoul") == 5', true],
  ['inNetwork(client.ip, "10.0.0.0/8") && !inNetwork(client.ip, "fd00::/8")', true],
  ['has(client.country) && client.country == "KR"', false],
  ['time.now < timestamp("2026-11-27T00:00:00Z")', true],
  ['re(request.model, "^ch.t$") && !re(request.model, "^hat")', true],
  ["re(request.endpoint, r'/v\\d+/')", true],
  ['request.needs.exists(need, re(need, "^t.*s$")) && !request.tags.exists(tag, re(tag, "^t"))', true],
  ['re(request.metadata.?data_class.orValue(""), "^person")', true],
  ['re(request.metadata.data_class, "^company")', false],
  ['re(re(request.model, "chat") ? key.id : key.tenant, "^team-")', true],
  ['re(request.metadata.size, "3") || request.stream', true],
  // What every object of the language has is no member of the metadata.
  ['request.metadata.?constructor.orValue("none") == "none" && !has(request.metadata.__proto__)', true],
])('%s: %s', (text, holds) => {
  expect(ask(text)).toBe(holds)
})

describe('what fails while it runs throws', () => {
  test.each([
    'client.country != "KR"',
    'request.metadata.other == "x"',
    'request.metadata.data_class + 1 > 2',
    'request.metadata.size ? true : false',
    're(request.metadata.size, "3")',
    're(request.metadata.other, "3")',
  ])('%s', (text) => {
    expect(() => ask(text)).toThrow()
  })
})

test.each([
  ['1 +', 'unexpected token'],
  ['request.modle == "x"', 'modle, at character 9'],
  ['key.id == 3', 'no such overload: string == int'],
  ['request.model', 'of type `string`'],
  ['dyn(request.stream)', 'compare it with something'],
  ['pii.fund', 'no such key: fund'],
  ['inNetwork(client.ip, "10.0.0.0/33")', 'a network written out'],
  ['inNetwork(client.ip, request.model)', 'a network written out'],
  ['re(request.model, "^(gpt")', 'missing closing ) in `^(gpt`, at character 20'],
  ['re(request.model, "^a(?=b)")', 'in `(?=`, at character 22'],
  ["key.id == 'x' || re(request.model, r'\\d(?=b)')", 'in `(?=`, at character 40'],
  ['re(request.model, "\\\\d(?=b)")', 'in `(?=`, at character 23'],
  ['re(request.model, "\\u0061(?=b)")', 'in `(?=`, at character 19'],
  ['re(request.model, request.endpoint)', 'a pattern written out, like `re(request.model, "^gpt-")`, at character 19'],
  ['re(request.model, "a" + "b")', 'a pattern written out'],
  ['re(request.model, 3)', 'a pattern written out'],
  ['re(request.needs, "a")', '`re` searches a text, and this is of type `list<string>`, at character 4'],
  ['re(request.modle, "a")', 'modle, at character 12'],
  ['re(request.model)', 're'],
  ['request.model.re("a")', 're'],
  ['re(request.model, "a") == "a"', 'no such overload: bool == string'],
  ['re(request.model, "a{900}b{900}")', 'repeat less, at character 20'],
  [`re(request.model, "${'a'.repeat(1001)}")`, 'at most 1000 characters, at character 20'],
  ['request.model.matches("(a+)+$")', 'write `re(text, "pattern")`'],
  ['[1].map(x, x) == [1] && "a".matches("a")', 'write `re(text, "pattern")`'],
  ['nonsense == 1', 'nonsense'],
  [`request.model == "${'a'.repeat(2000)}"`, 'longer than 2000 characters'],
  [Array.from({ length: 300 }, () => 'true').join('||'), '500'],
  [`${'('.repeat(100)}true${')'.repeat(100)}`, '32'],
])('%s is refused: %s', (text, part) => {
  const compiled = compileCondition(text)
  expect(compiled.ok ? 'good' : compiled.message).toContain(part)
})

test('a member of the metadata that is read as if it were always there is warned of', () => {
  const warnings = (text: string) => {
    const compiled = compileCondition(text)
    return compiled.ok ? compiled.warnings : undefined
  }
  expect(warnings('request.metadata.data_class == "x"')).toEqual([expect.stringContaining('.?data_class.orValue("")')])
  expect(warnings('request.metadata.?data_class.orValue("") == "x"')).toEqual([])
  expect(warnings('request.metadata["data_class"] == "x"')).toEqual([
    expect.stringContaining('.?data_class.orValue("")'),
  ])
  expect(warnings('request.metadata["data-class"] == "x"')).toEqual([
    expect.stringContaining('[?"data-class"].orValue("")'),
  ])
  expect(warnings('"a" in request.metadata && request.metadata["a"] == 1.0')).toEqual([])
  expect(warnings('re(request.metadata.a, "x")')).toEqual([expect.stringContaining('.?a.orValue("")')])
  expect(warnings('has(request.metadata.a) && request.metadata.a == 1.0')).toEqual([])
})

test('a pattern is compiled when its condition is, and never again', () => {
  const compile = vi.spyOn(RE2JS, 'compile')
  const compiled = compileCondition('request.needs.exists(need, re(need, "^tool"))')
  expect(compile).toHaveBeenCalledTimes(1)
  expect(compiled.ok && [compiled.condition(came), compiled.condition(came)]).toEqual([true, true])
  expect(compile).toHaveBeenCalledTimes(1)
  compile.mockRestore()
})
