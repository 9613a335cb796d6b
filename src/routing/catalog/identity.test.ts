import { expect, test } from 'vitest'
import { CATALOG_DATA } from './data.ts'
import { createIdentifier, withoutPlace } from './identity.ts'

const { listed } = createIdentifier(CATALOG_DATA)

test.each([
  ['anthropic.claude-opus-4-6-v1', 'anthropic', 'claude'],
  ['eu.anthropic.claude-opus-4-6-v1', 'anthropic', 'claude'],
  // The maker that stands there is believed, what the name behind it claims of another is not.
  ['meta.claude-opus-4-6-v1', 'meta', undefined],
  ['us.meta.something-new-v1:0', 'meta', undefined],
  // A dot that ends no maker is a part of the name.
  ['gemini-2.5-flash', 'google', 'gemini'],
  ['somebody/anthropic.claude-opus-4-6', undefined, undefined],
])('%s: made by %s, of family %s', (id, developer, family) => {
  expect(listed(id).developer).toBe(developer)
  expect(listed(id).family).toBe(family)
})

test.each([
  ['apac.anthropic.claude', 'anthropic.claude'],
  ['us-gov.openai.gpt-oss', 'openai.gpt-oss'],
  ['anthropic.claude', 'anthropic.claude'],
  ['global', 'global'],
])('%s without its place: %s', (id, own) => {
  expect(withoutPlace(id)).toBe(own)
})
