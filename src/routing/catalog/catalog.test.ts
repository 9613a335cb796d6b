import { describe, expect, test } from 'vitest'
import { formatUsd } from '#src/core/money.ts'
import type { Price, Rates } from '#src/core/price.ts'
import { catalog, createCatalog } from './catalog.ts'
import { CATALOG_DATA } from './data.ts'
import type { CatalogData } from './data.ts'

function rates({ input, output, cachedInput, cacheWrite }: Rates): string[] {
  return [input, output, cachedInput, cacheWrite].map((rate) => (rate === undefined ? '' : formatUsd(rate)))
}

function prices(price: Price | undefined): unknown {
  return price === undefined
    ? undefined
    : [rates(price), ...(price.tiers ?? []).map((tier) => [tier.above, ...rates(tier)])]
}

describe('hosts', () => {
  test.each([
    ['api.openai.com', 'openai'],
    ['eu.api.openai.com', 'openai'],
    ['jp.api.openai.com', 'openai'],
    ['API.OpenAI.com.', 'openai'],
    ['api.openai.com:443', 'openai'],
    ['evil-api.openai.com', undefined],
    ['api.openai.com.evil.example', undefined],
    ['kakao.openai.azure.com', 'azure-openai'],
    ['bedrock-runtime.ap-northeast-2.amazonaws.com', 'amazon-bedrock'],
    ['clovastudio.stream.ntruss.com', 'hyperclova-x'],
    ['clovastudio.stream.gov-ntruss.com', 'hyperclova-x'],
    ['api.clovastudio.go.kr', 'hyperclova-x'],
    ['guest-api.sktax.chat', 'sktax'],
    ['us.api.x.ai', 'xai'],
    ['127.0.0.1', undefined],
    ['', undefined],
  ])('%s is %s', (host, vendor) => {
    expect(catalog.vendorOfHost(host)).toBe(vendor)
  })

  test('facts about operators, unknown where no source says', () => {
    expect(catalog.vendor('mistral')).toEqual({ operator: 'mistral', operatorCountry: 'FR' })
    expect(catalog.vendor('deepseek')).toEqual({ operator: 'deepseek', operatorCountry: 'CN', region: 'CN' })
    expect(catalog.vendor('friendli')).toEqual({})
    expect(catalog.vendor('nobody')).toBeUndefined()
    expect(catalog.provenance('mistral')).toMatchObject({ asOf: '2026-11-23' })
  })

  test.each(
    'openai azure-openai openrouter mistral groq xai together fireworks cerebras deepseek moonshot perplexity nvidia huggingface upstage friendli sktax hyperclova-x fanar workers-ai'.split(
      ' ',
    ),
  )('%s is a vendor', (vendor) => {
    expect(catalog.vendor(vendor)).toBeDefined()
  })
})

describe('models', () => {
  test.each([
    ['openai', 'gpt-6-luna', 'openai', []],
    ['mistral', 'deepseek-v4-1-flash-1017', 'deepseek', []],
    ['mistral', 'zai-glm-5-3-flash', 'zai', []],
    ['mistral', 'glm-5-2', 'zai', []],
    ['mistral', 'codestral-latest', 'mistral', []],
    ['google', 'gemma-4-31b-it', 'google', []],
    ['upstage', 'solar-mini', 'upstage', ['mistral-7b']],
    ['upstage', 'solar-pro4', 'upstage', []],
    ['sktax', 'ax4', 'skt', ['qwen2.5']],
    ['skt', 'A.X-4.0', 'skt', ['qwen2.5']],
    ['skt', 'A.X-K1', 'skt', []],
    ['friendli', 'LGAI-EXAONE/K-EXAONE-236B-A23B', 'lg', []],
    ['vercel-ai-gateway', 'google/gemini-2.5-flash', 'google', []],
    ['vercel-ai-gateway', 'deepseek/deepseek-v3.2', 'deepseek', []],
    ['cloudflare-ai-gateway', 'anthropic/claude-opus-5.5', 'anthropic', []],
    ['lg', 'EXAONE-4.0-32B', 'lg', []],
    ['amazon-bedrock', 'anthropic.claude-haiku-4-5-20251001-v1:0', 'anthropic', []],
    ['amazon-bedrock', 'amazon.nova-pro-v1:0', 'amazon', []],
    ['amazon-bedrock', 'in.anthropic.claude-haiku-4-5-20251001-v1:0', 'anthropic', []],
    // An inference profile that no list has, of a model that one has.
    ['amazon-bedrock', 'apac.anthropic.claude-haiku-4-5-20251001-v1:0', 'anthropic', []],
    ['amazon-bedrock', 'us.deepseek.r1-v1:0', 'deepseek', []],
    ['google-vertex', 'claude-sonnet-4-5@20250929', 'anthropic', []],
    ['hyperclova-x', 'HCX-007', 'naver', []],
    ['hyperclova-x', 'HCX-GOV-THINK', 'naver', []],
    ['naver', 'HyperCLOVAX-SEED-Think-32B', 'naver', ['qwen2.5-vl']],
    ['kt', 'Midm-2.0-Base-Instruct', 'kt', []],
    ['humain', 'ALLaM-34B', 'humain', []],
    ['tii', 'Falcon-180B', 'tii', []],
    ['github-models', 'core42/jais-30b-chat', 'core42', []],
    ['fanar', 'Fanar', 'qcri', ['gemma']],
    ['fanar', 'Fanar-C-2-27B', 'qcri', ['gemma-3']],
    ['fanar', 'Fanar-1-9B', 'qcri', ['gemma-2']],
    ['groq', 'openai/gpt-oss-20b', 'openai', []],
    ['workers-ai', '@cf/zai-org/glm-5.3-flash', 'zai', []],
    ['fireworks', 'accounts/fireworks/models/kimi-k3', 'moonshot', []],
    ['nvidia', 'upstage/solar-10_7b-instruct', 'upstage', ['mistral-7b']],
    ['nvidia', 'nvidia/llama-3.1-nemotron-ultra-253b-v1', 'nvidia', ['llama-3.1', 'deepseek-r1']],
  ])('%s/%s: %s', (vendor, model, ...[developer, lineage]) => {
    expect(catalog.model(vendor, model)).toMatchObject({ developer, lineage })
  })

  test.each([
    ['together', 'pearl-ai/gemma-4-31b-it', {}],
    ['openrouter', 'openrouter/fusion', {}],
    ['openrouter', 'stepfun/step-5-preview', { developer: 'stepfun' }],
  ])('what nobody is sure of stays unknown: %s/%s', (vendor, model, known) => {
    const { developer, lineage } = catalog.model(vendor, model) ?? {}
    expect({
      ...(developer === undefined ? {} : { developer }),
      ...(lineage === undefined ? {} : { lineage }),
    }).toEqual(known)
    expect(catalog.provenance(vendor, model)).toBeDefined()
  })

  test('every Korean and Arab model has developer, family, lineage and source, and no price', () => {
    for (const vendor of [
      'kakao',
      'hyperclova-x',
      'naver',
      'lg',
      'skt',
      'sktax',
      'kt',
      'humain',
      'tii',
      'core42',
      'fanar',
      'qcri',
    ]) {
      expect(catalog.models(vendor).length, vendor).toBeGreaterThan(0)
      for (const id of catalog.models(vendor)) {
        const facts = catalog.model(vendor, id)
        expect(
          [facts?.developer, facts?.family, facts?.lineage, catalog.provenance(vendor, id)?.source].includes(undefined),
          id,
        ).toBe(false)
        expect(facts?.price, id).toBeUndefined()
      }
    }
  })

  test('licences', () => {
    expect(catalog.model('kakao', 'kanana-nano-2.1b-base')?.license).toBe('cc-by-nc-4.0')
    expect(catalog.model('kakao', 'kanana-1.5-8b-instruct-2505')?.license).toBe('apache-2.0')
    expect(catalog.model('kakao', 'kanana-2-30b-a3b-instruct')?.license).toBeUndefined()
    expect(catalog.model('openai', 'gpt-6-luna')).toMatchObject({ license: 'proprietary', openWeights: false })
  })

  test('other spellings are the same row; another date or tag is the same model at an unknown price', () => {
    expect(catalog.model('openai', 'GPT-6-Luna')).toEqual(catalog.model('openai', 'gpt-6-luna'))
    const dated = catalog.model('openai', 'gpt-6-luna-2026-11-30')
    expect(dated).toMatchObject({ developer: 'openai', lineage: [] })
    expect(dated?.price).toBeUndefined()
    expect(catalog.model('huggingface', 'meta-llama/Llama-3.3-70B-Instruct:novita')).toMatchObject({
      developer: 'meta',
    })
    expect(catalog.model('huggingface', 'somebody/Llama-3.3-70B-Instruct')).toBeUndefined()
    expect(catalog.model('openai', 'no-such-model')).toBeUndefined()
    expect(catalog.model('nobody', 'gpt-6-luna')).toBeUndefined()
  })

  test("an Azure deployment's name says nothing, unless it says DeepSeek", () => {
    expect(catalog.model('azure-openai', 'gpt-4o')).toBeUndefined()
    expect(catalog.model('azure-openai', 'deepseek-v4-pro')).toMatchObject({ developer: 'deepseek' })
  })

  test('free pools train on what they are sent', () => {
    expect(catalog.model('openrouter', 'openai/gpt-oss-20b:free')?.trainsOnData).toBe(true)
    expect(catalog.model('openrouter', 'openai/gpt-oss-20b')?.trainsOnData).toBeUndefined()
  })

  test('retirement dates', () => {
    expect(catalog.model('openai', 'gpt-4o')?.retires).toBe('2027-01-14')
    expect(catalog.model('openai', 'gpt-5')?.retires).toBe('2026-12-11')
    expect(catalog.model('openai', 'gpt-5.1')?.retires).toBe('2027-04-01')
    expect(catalog.model('openai', 'gpt-6-luna')?.retires).toBeUndefined()
    expect(catalog.model('anthropic', 'claude-sonnet-4-5')?.retires).toBe('2026-11-30')
    expect(catalog.model('deepseek', 'deepseek-chat')?.retires).toBe('2026-07-24')
    expect(catalog.model('nano-gpt', 'deepseek-chat')?.retires).toBeUndefined()
  })

  test('every retirement date is of a listed model', () => {
    for (const [vendor, dates] of Object.entries(CATALOG_DATA.retires)) {
      for (const id of Object.values(dates).flatMap((ids) => ids.split(' ')))
        expect(catalog.models(vendor), id).toContain(id)
    }
  })

  test('sizes and capabilities only where they are known', () => {
    expect(catalog.model('openai', 'gpt-4o')).toMatchObject({ context: 128_000, maxOutput: 16_384 })
    expect(catalog.model('openai', 'gpt-4o')?.capabilities).toBeUndefined()
    expect(catalog.model('openai', 'text-embedding-3-large')?.maxOutput).toBeUndefined()
    expect(catalog.model('openai', 'text-embedding-3-small')?.capabilities).toEqual(['embeddings'])
    // The 272,000 in the source is where the dearer tier begins.
    expect(catalog.model('openai', 'gpt-6-luna')?.context).toBeUndefined()
    expect(catalog.model('hyperclova-x', 'HCX-007')).toMatchObject({ context: 128_000, maxOutput: 32_768 })
  })
})

describe('prices, USD per 1M tokens: input, output, cached, cache write', () => {
  test.each([
    [
      'openai',
      'gpt-6-luna',
      [
        ['0.1', '0.5', '0.01', '0.125'],
        [272_000, '0.2', '0.75', '0.02', '0.25'],
      ],
    ],
    [
      'openai',
      'gpt-6.1-terra',
      [
        ['1', '5', '0.05', '1.25'],
        [272_000, '2', '7.5', '0.1', '2.5'],
      ],
    ],
    [
      'openai',
      'gpt-6.1-sol',
      [
        ['2', '10', '0.1', '2.5'],
        [272_000, '4', '15', '0.2', '5'],
      ],
    ],
    ['openai', 'gpt-5-mini', [['0.25', '2', '0.025', '']]],
    ['openai', 'text-embedding-3-small', [['0.02', '0', '', '']]],
    [
      'anthropic',
      'claude-haiku-5-5',
      [
        ['0.1', '0.5', '0.01', '0.125'],
        [100_000, '0.5', '2.5', '0.05', '0.625'],
      ],
    ],
    ['anthropic', 'claude-opus-5-5', [['4', '20', '0.2', '5']]],
    ['google', 'gemini-4-argon', [['2', '10', '0.1', '']]],
    [
      'xai',
      'grok-4.7',
      [
        ['2', '6', '0.5', ''],
        [200_000, '4', '12', '1', ''],
      ],
    ],
    ['deepseek', 'deepseek-flash', [['0.3', '1.2', '0.006', '']]],
    ['upstage', 'solar-pro3', [['0.25', '0.25', '', '']]],
    ['cerebras', 'gpt-oss-120b', [['0.35', '0.75', '0.35', '']]],
    ['workers-ai', '@cf/zai-org/glm-5.3-flash', [['0.15', '0.5', '0.03', '']]],
  ])('%s/%s', (vendor, model, expected) => {
    expect(prices(catalog.model(vendor, model)?.price)).toEqual(expected)
  })

  test.each([
    ['google', 'gemma-4-31b-it'],
    ['mistral', 'labs-devstral-small-2512'],
    ['nvidia', 'deepseek-ai/deepseek-v4.1-flash'],
    ['openrouter', 'openai/gpt-oss-20b:free'],
    ['opencode', 'deepseek-v4-flash-free'],
    ['upstage', 'solar-pro4'],
    ['hyperclova-x', 'HCX-007'],
  ])('%s/%s is unknown, not 0', (vendor, model) => {
    expect(catalog.model(vendor, model)).toBeDefined()
    expect(catalog.model(vendor, model)?.price).toBeUndefined()
  })

  test('no input price is 0, no cached one is above its input, no tier is out of order, in any row; each has source and date', () => {
    let rows = 0
    for (const vendor of CATALOG_DATA.vendors) {
      for (const id of catalog.models(vendor.id)) {
        const price = catalog.model(vendor.id, id)?.price
        if (price === undefined) continue
        rows++
        const above = (price.tiers ?? []).map((tier) => tier.above)
        expect(above, id).toEqual(above.toSorted((one, other) => one - other))
        for (const { input, output, cachedInput = 0n } of [price, ...(price.tiers ?? [])]) {
          expect(
            input > 0n && cachedInput <= input && (output > 0n || id.includes('embed')),
            `${vendor.id} ${id}`,
          ).toBe(true)
        }
        expect(price.source !== '' && price.asOf !== undefined, id).toBe(true)
      }
    }
    expect(rows).toBeGreaterThan(1500)
  })

  test('a free row has no price, whatever a source writes there', () => {
    const tables = [{ source: 's', asOf: '2026-01-01', vendors: { v: 'm:free||1|1\nm-free||1|1\nm||1|1' } }]
    const free = createCatalog({ ...CATALOG_DATA, tables })
    expect(['m:free', 'm-free', 'm'].map((id) => free.model('v', id)?.price?.input)).toEqual([
      undefined,
      undefined,
      1_000_000_000n,
    ])
  })

  test('the younger of two sources counts', () => {
    const table = (asOf: string, row: string) => ({ source: asOf, asOf, vendors: { v: row } })
    const data = {
      ...CATALOG_DATA,
      tables: [table('2026-01-01', 'm|8000|1|1'), table('2026-02-02', 'm||2|2'), table('2026-01-02', 'm|9000|3|3')],
    }
    expect(createCatalog(data).model('v', 'm')).toMatchObject({
      context: 9000,
      price: { input: 2_000_000_000n, asOf: '2026-02-02' },
    })
  })
})

describe('version', () => {
  test('is the same for the same data and another for any changed row', () => {
    const copy: CatalogData = structuredClone(CATALOG_DATA)
    expect(catalog.version).toHaveLength(16)
    expect(createCatalog(copy).version).toBe(catalog.version)
    const tables = copy.tables.map((table) => ({
      ...table,
      vendors: { ...table.vendors, openai: (table.vendors['openai'] ?? '').replace('0.1|0.5', '0.1|0.6') },
    }))
    const versions = [
      catalog.version,
      createCatalog({ ...copy, tables }).version,
      createCatalog({ ...copy, retires: {} }).version,
      createCatalog({ ...copy, graph: `${copy.graph}x|y|z|\n` }).version,
      createCatalog({ ...copy, rules: copy.rules.replace('gpt-oss', 'gpt-oss2') }).version,
      createCatalog({ ...copy, vendors: copy.vendors.slice(1) }).version,
    ]
    expect(new Set(versions).size).toBe(versions.length)
  })
})

describe('names that no list has', () => {
  test.each([
    ['openai', 'whisper-1', 'openai', []],
    ['openai', 'omni-moderation-latest', 'openai', []],
    ['openai', 'gpt-9-from-tomorrow', 'openai', []],
    ['openai', 'something', undefined, undefined],
    ['google', 'gemini-9-flash', 'google', []],
    ['cohere', 'rerank-v9.0', 'cohere', []],
    ['cohere', 'command-next', 'cohere', []],
    ['upstage', 'solar-open-900b', 'upstage', []],
    // What goes on from whatever somebody tuned it with, and names of others, say nothing there.
    ['openai', 'ft:gpt-4o:org::x', undefined, undefined],
    ['google', 'tunedModels/mine', undefined, undefined],
    ['openai', 'deepseek-chat-next', undefined, undefined],
    ['openai', 'gpt-oss-r1-distill-deepseek', undefined, undefined],
    ['upstage', 'something', undefined, undefined],
    // Nor does any name at a vendor that serves what others made.
    ['cohere', 'something', undefined, undefined],
    ['groq', 'embed-v9', undefined, undefined],
    ['groq', 'whisper-1', undefined, undefined],
    ['groq', 'gpt-9', undefined, undefined],
    ['perplexity', 'sonar-next', undefined, undefined],
  ] as const)('at %s %s is of %s', (vendor, model, developer, lineage) => {
    const facts = catalog.model(vendor, model)
    expect([facts?.developer, facts?.lineage]).toEqual([developer, lineage])
  })
})
