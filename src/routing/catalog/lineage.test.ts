import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { catalog, createCatalog } from './catalog.ts'
import { CATALOG_DATA } from './data.ts'

function developersAbove(lineage: readonly string[] | undefined): unknown {
  const { ancestors, complete } = catalog.ancestry(lineage)
  return [
    ancestors.map(({ name, developer, family }) => `${name} ${developer ?? '?'} ${family ?? '?'}`).toSorted(),
    complete,
  ]
}

function deepseek(name: string): boolean {
  const found = catalog.suspect(name)
  return (
    found?.facts.developer === 'deepseek' ||
    found?.ancestry.ancestors.some(({ developer }) => developer === 'deepseek') === true
  )
}

describe('lineage', () => {
  test('at any depth', () => {
    expect(developersAbove(['deepseek-r1'])).toEqual([
      ['deepseek-r1 deepseek deepseek', 'deepseek-v3 deepseek deepseek'],
      true,
    ])
    expect(developersAbove(['A.X-4.0'])).toEqual([['a.x-4.0 skt a.x', 'qwen2.5 alibaba qwen'], true])
    expect(developersAbove(['r1-1776'])).toEqual([
      ['deepseek-r1 deepseek deepseek', 'deepseek-v3 deepseek deepseek', 'r1-1776 perplexity r1-1776'],
      true,
    ])
  })

  test.each([
    'r1-1776',
    'mai-ds-r1',
    'deepseek-r1t2-chimera',
    'aion-1.0',
    'cogito-v2.1-671b',
    'deepseek-v3.1-nex-n1',
    'r1-distill-qwen',
  ])('%s leads to DeepSeek', (name) => {
    expect(catalog.ancestry([name]).ancestors.some(({ developer }) => developer === 'deepseek')).toBe(true)
  })

  test('entries are found by other spellings, and by the rules', () => {
    expect(developersAbove(['deepseek-ai/DeepSeek-R1-0528'])).toEqual(developersAbove(['deepseek-r1']))
    expect(developersAbove(['Qwen/Qwen2.5-72B-Instruct'])).toEqual([['Qwen/Qwen2.5-72B-Instruct alibaba qwen'], true])
    expect(developersAbove(['deepseek-v9'])).toEqual([['deepseek-v9 deepseek deepseek'], true])
  })

  test('what is unknown makes it incomplete', () => {
    expect(developersAbove(undefined)).toEqual([[], false])
    expect(developersAbove([])).toEqual([[], true])
    expect(developersAbove(['our-own-model'])).toEqual([['our-own-model ? ?'], false])
    expect(developersAbove(['qwen2.5', 'our-own-model'])).toEqual([
      ['our-own-model ? ?', 'qwen2.5 alibaba qwen'],
      false,
    ])
    expect(developersAbove(['somebody/llama-3'])).toEqual([['somebody/llama-3 ? ?'], false])
    expect(developersAbove(['nemotron-3'])).toEqual([['nemotron-3 nvidia nemotron'], false])
  })

  test('a ring ends', () => {
    const ring = createCatalog({ ...CATALOG_DATA, graph: 'a|x|f|b\nb|x|f|a\n', rules: 'a|x|f|b\nb|x|f|a\n' })
    expect(ring.ancestry(['a']).ancestors).toHaveLength(2)
  })

  test('every step of the graph is known to the end, and agrees with the rules', () => {
    for (const line of CATALOG_DATA.graph.trim().split('\n')) {
      const [name = '', developer] = line.split('|')
      expect(catalog.ancestry([name]), name).toMatchObject({ complete: true })
      // A bare common word suggests nobody.
      expect([developer, undefined], name).toContain(catalog.suspect(name)?.facts.developer)
    }
  })
})

describe('suspect', () => {
  test.each([
    'mai-ds-r1',
    'microsoft/MAI-DS-R1:free',
    'r1-1776',
    'perplexity-ai/r1-1776',
    'DeepSeek-TNG-R1T2-Chimera',
    'tngtech/R1T-Chimera',
    'chimera:latest',
    'aion-1.0',
    'cogito:671b',
    'cogito-v2-preview-deepseek-671B',
    'deep-deepseek-v4-flash',
    'alicloud-deepseek-v4-pro',
    'deepseek-r1:7b',
    'deepseek-v3.1:671b-cloud',
    'us.deepseek.r1-v1:0',
    'route/deepseek-v3.2',
    'deep_seek',
    'Deep Seek R1',
    'ＤｅｅｐＳｅｅｋ－Ｒ１',
    'dеерѕееk-r1',
    'deep\u200bseek',
    'ollama.com/x/deepseek-r1',
    'hf.co/bartowski/DeepSeek-R1-GGUF:Q4_K_M',
    'DeepSeek-V3.2-NVFP4',
    'r1-distill-llama-70b',
    '深度求索-v3',
    '딥시크',
    'phi4-mini-reasoning',
    'microsoft/Phi-4-mini-flash-reasoning',
    '~deepseek/deepseek-pro-latest',
  ])("%s is DeepSeek's or leads there", (name) => {
    expect(deepseek(name)).toBe(true)
  })

  test.each([
    'K-EXAONE',
    'K-EXAONE-236B-A23B',
    'LGAI-EXAONE/K-EXAONE-236B-A23B',
    'solar',
    'solar-pro3',
    'deepsea',
    'deep-sea-seek',
    'seeker-deep',
    'kanana-1.5-8b',
    'qwen2.5:7b',
    'llama3.3',
    'r1',
    'gpt-4o',
    'cogito:8b',
    'cogito-v1-preview-llama-70b',
    'aion-2.0',
    'nexus-n1',
    'phi-4',
    'deepmind',
    'DeepHermes-3',
    'mistral',
    'our-chimera-tests',
    '',
  ])('%s is not', (name) => {
    expect(deepseek(name)).toBe(false)
  })

  test('however DeepSeek is spelled', () => {
    const letters = [...'deepseek'].map((letter) =>
      fc.constantFrom(letter, letter.toUpperCase(), String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0)),
    )
    const between = fc.constantFrom('', '', '-', '_', ' ', '.', '\u200b', '\u00ad', '\ufe0f', '\u0301')
    const around = fc.constantFrom('', 'x/', 'us.', '~', 'accounts/fireworks/models/', 'my-', '-v3', ':7b', '-1017')
    const spelling = fc.tuple(around, fc.tuple(...letters), fc.array(between, { minLength: 8, maxLength: 8 }), around)
    fc.assert(
      fc.property(spelling, ([before, name, gaps, after]) =>
        deepseek(before + name.map((letter, at) => letter + (gaps[at] ?? '')).join('') + after),
      ),
      { numRuns: 3000 },
    )
  })

  test('says what else a name suggests, and nothing of a name that suggests nobody', () => {
    expect(catalog.suspect('qwen2.5:7b')?.facts).toMatchObject({ developer: 'alibaba', family: 'qwen' })
    expect(catalog.suspect('K-EXAONE-236B-A23B')?.facts.developer).toBe('lg')
    expect(catalog.suspect('meta.llama3-8b-instruct-v1:0')?.facts.developer).toBe('meta')
    expect(catalog.suspect('Mi:dm-2.0-mini')?.facts.developer).toBe('kt')
    expect(catalog.suspect('믿:음 2.0')?.facts.developer).toBe('kt')
    for (const name of [
      'solar',
      'command-centre',
      'nova',
      'falcon',
      'deepsea',
      'seeker-deep',
      'our-own-model',
      'default',
      '',
    ])
      expect(catalog.suspect(name), name).toBeUndefined()
  })
})
