// The golden matrix: each request file before each form of an upstream, one page a request. `npm test -- test/golden -u` writes them anew.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FORMS } from './forms.ts'
import { INBOUND, pageOf, readRequestFile, type Inbound } from './said.ts'

const HERE = import.meta.dirname
const JSON_FILE = '.json'

function requestsOf(inbound: string): readonly string[] {
  return readdirSync(join(HERE, 'requests', inbound))
    .filter((file) => file.endsWith(JSON_FILE))
    .map((file) => file.slice(0, -JSON_FILE.length))
    .toSorted()
}

const inbounds = Object.keys(INBOUND).filter((name): name is Inbound => name in INBOUND)

describe.for(inbounds)('%s', (inbound) => {
  test.for(requestsOf(inbound))('%s', async (name) => {
    const file = readRequestFile(readFileSync(join(HERE, 'requests', inbound, `${name}${JSON_FILE}`), 'utf8'))
    await expect(pageOf(name, inbound, { file, forms: FORMS })).toMatchFileSnapshot(`pages/${inbound}/${name}.md`)
  })

  test('no page is without its request', () => {
    const folder = join(HERE, 'pages', inbound)
    const pages = existsSync(folder) ? readdirSync(folder) : []
    const names = new Set(requestsOf(inbound).map((name) => `${name}.md`))
    expect(pages.filter((page) => !names.has(page))).toEqual([])
  })
})
