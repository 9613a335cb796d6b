import { expect, test } from 'vitest'
import { options } from '../../test/support/config-fakes.ts'
import { loadConfig } from './load.ts'
import { renderProblem } from './problem.ts'

async function said(text: string): Promise<string[]> {
  const loaded = await loadConfig(text, options())
  return loaded.problems.map((problem) => renderProblem(problem).replace('\n    ', ' | '))
}

const ADDRESSES: readonly (readonly [url: string, part: string | undefined, more?: string])[] = [
  ['https://api.example.com/v1/', undefined],
  ['http://api.example.com/v1', 'in the clear'],
  ['http://vllm.internal:8000/v1', undefined, ', local: true'],
  ['https://chatgpt.com/backend-api', 'sold by the seat'],
  ['https://www.ChatGPT.com./x', 'sold by the seat', ', local: true'],
  ['https://chatgpt.com.example.org/x', undefined],
  ['ftp://example.com', 'must begin with'],
  ['https://user:pw@example.com', 'user name or password'],
  ['https://@example.com/v1', 'user name or password'],
  ['https://user@example.com/@team/v1', 'user name or password'],
  ['https://example.com/@team/v1', undefined],
  ['https://example.com/v1?a=b', 'query or a fragment'],
  ['https://example.com/v1?', 'query or a fragment'],
  ['https://example.com/#x', 'query or a fragment'],
  ['https:\\\\\\\\example.com', 'not a URL'],
  ['nonsense', 'not a URL'],
  ['https://metadata.google.internal/v1', 'private, loopback or link-local'],
  ['https://168.63.129.16/v1', 'private, loopback or link-local'],
  ...[
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '10.0.0.1',
    '192.168.1.1',
    '172.31.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    'localhost',
    'a.localhost',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:a00:1]',
    '[fe80::1]',
    '[fd00::1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[::]',
    '１２７.0.0.1',
  ].map((host) => [`https://${host}/v1`, 'private, loopback or link-local'] as const),
  ['http://127.0.0.1:8000/v1', undefined, ', local: true'],
  ['https://8.8.8.8/v1', undefined],
  ['https://[2606:4700::1111]/v1', undefined],
]

test.each(ADDRESSES.map(([url, part, more = '']) => ({ url, part, more })))(
  'address $url',
  async ({ url, part, more }) => {
    const lines = await said(`providers:\n  p: { type: openai-compatible, baseUrl: "${url}"${more} }\n`)
    if (part === undefined) expect(lines).toEqual([])
    else {
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(/^tutti\.yaml:2:42: /)
      expect(lines[0]).toContain(part)
    }
  },
)
