/** The generated tables are what their commands write. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { bundledSize, factsPresent, generateModels } from '../../../scripts/generate-catalog.ts'
import { generatePrices } from '../../../scripts/generate-prices.ts'

const read = (name: string) => readFileSync(new URL(`generated/${name}`, import.meta.url), 'utf8')

describe('generated tables', () => {
  test('prices.ts is what the price package gives', () => {
    expect(generatePrices()).toBe(read('prices.ts'))
  })

  test.skipIf(!factsPresent())('models.ts is what the facts beside the checkout (../shared/facts) give', () => {
    expect(generateModels()).toBe(read('models.ts'))
  })

  test('the whole catalog, bundled and minified, stays under 60 KB gzip', async () => {
    expect(await bundledSize()).toBeLessThan(60_000)
  })
})
