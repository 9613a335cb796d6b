import { expect, test } from 'vitest'
import { failure } from '#src/core/failure.ts'
import { isObject, type Json } from '#src/core/json.ts'
import { withoutSecrets } from './without-secrets.ts'

const ACCOUNT = { id: 'a', baseUrl: 'https://x', apiKey: 'canary-key', headers: { 'x-auth': 'Basic canary-header' } }

test('keys and header values are taken out of every text, wherever it stands', () => {
  const said = failure('upstream_error', 'got canary-key, twice: canary-key', {
    code: 'canary-key',
    type: 'canary-header',
    param: 'x.canary-key',
    details: { 'canary-key': [{ sent: 'Basic canary-header' }, 'canary-header'], status: 7, none: null },
  })
  const clean = withoutSecrets(said, ACCOUNT)
  expect(JSON.stringify(clean)).not.toContain('canary')
  expect(clean.message).toBe('got [redacted], twice: [redacted]')
  expect(clean.details).toMatchObject({ status: 7, none: null })
})

test('secret settings are taken out, a private key line by line', () => {
  const account = { ...ACCOUNT, secrets: ['canary-secret', '-----BEGIN KEY-----\ncanaryline\n-----END KEY-----'] }
  const said = failure('upstream_error', 'signed with canary-secret, key: canaryline')
  expect(withoutSecrets(said, account).message).toBe('signed with [redacted], key: [redacted]')
})

test('what is no secret stays as it is', () => {
  const said = failure('upstream_error', 'the model is us-east', { param: null, details: { region: 'us-east' } })
  expect(withoutSecrets(said, { ...ACCOUNT, headers: { 'x-region': 'us' } })).toEqual(said)
})

test('details that nobody could write down are cut', () => {
  let deep: Json = 'canary-key'
  for (let level = 0; level < 100_000; level++) deep = isObject(deep) ? [deep] : { deep }
  const clean = withoutSecrets(failure('upstream_error', 'x', { details: { deep } }), ACCOUNT)
  expect(JSON.stringify(clean).length).toBeLessThan(1000)
})
