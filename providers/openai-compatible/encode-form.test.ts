import { expect, test } from 'vitest'
import { dialects } from '#src/dialects/registry.ts'
import type { Quirks } from './definition.ts'
import { defineProvider } from './index.ts'

const field = (name: string, value: string, more = ''): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n${more}\r\n${value}\r\n`
const FILE = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n\0RIFF\r\n'

function encode(body: string, quirks: Partial<Quirks> = {}, headers: Readonly<Record<string, string>> = {}) {
  const adapter = defineProvider({ type: 'own', title: 'Own', quirks })
  const bytes = new TextEncoder().encode(`${body}--b--\r\n`)
  const request = dialects.transcriptions.form?.read(
    { bytes, contentType: 'multipart/form-data; boundary=b' },
    { id: 'r', tags: [], metadata: {} },
  )
  if (!request) throw new Error('transcriptions have no form')
  const account = { id: 'main', baseUrl: 'https://host.test/v1', apiKey: 'canary', headers }
  const input = { request, model: 'up/말', account, askUsage: false }
  const { upstream, warnings } = adapter.encode(input)
  expect(adapter.encode(input).upstream).toEqual(upstream)
  return { upstream, warnings, text: new TextDecoder().decode(upstream.bytes) }
}

test('the model is the upstream`s, all else is the caller`s; the key stands in a header only', () => {
  const { upstream, warnings, text } = encode(FILE + field('model', 'alias') + field('models', 'kept'))
  expect(text).toBe(`${FILE}${field('model', 'up/말')}${field('models', 'kept')}--b--\r\n`)
  expect(warnings).toEqual([])
  expect(upstream).toMatchObject({
    method: 'POST',
    url: 'https://host.test/v1/audio/transcriptions',
    headers: { authorization: 'Bearer canary', 'content-type': 'multipart/form-data; boundary=b', accept: '*/*' },
  })
  expect(upstream.body).toBeUndefined()
  expect(text).not.toContain('canary')
})

test('a part that says its length says that of the new model', () => {
  const { text } = encode(FILE + field('model', 'alias', 'Content-Length:  5\r\n'))
  expect(text).toBe(`${FILE}${field('model', 'up/말', 'Content-Length:  6\r\n')}--b--\r\n`)
})

test('what would choose another model is gone everywhere, what routes only where somebody routes', () => {
  const steering = ['Model', 'MODEL', 'model[]', 'model[a]', 'Model[]'].map((name) => field(name, 'd')).join('')
  const { text, warnings } = encode(steering + FILE + field('model', 'a') + steering)
  expect(text).toBe(`${FILE}${field('model', 'up/말')}--b--\r\n`)
  expect(warnings).toHaveLength(5)
  const routing = field('route', 'd') + field('Models[]', 'd') + field('provider[only][]', 'd')
  const routed = encode(FILE + routing + field('model', 'a'), { dropRouting: true })
  expect(routed.text).not.toContain('\r\n\r\nd\r\n')
  expect(routed.warnings[1]).toBe('`Models[]` was not sent: it would choose who answers')
  expect(encode(FILE + routing + field('model', 'a')).warnings).toEqual([])
})

test('a field that the provider does not take is not sent, and named', () => {
  const { text, warnings } = encode(field('user', 'u') + FILE + field('model', 'a'), { removed: ['user'] })
  expect(text).toBe(`${FILE}${field('model', 'up/말')}--b--\r\n`)
  expect(warnings).toEqual(['`user` was not sent: the provider does not take it'])
})

test('no header of the operator`s stands in the place of the boundary', () => {
  const { upstream } = encode(FILE + field('model', 'a'), {}, { 'content-type': 'application/json', 'x-own': '1' })
  expect(upstream.headers).toMatchObject({ 'content-type': 'multipart/form-data; boundary=b', 'x-own': '1' })
})
