// Stand-ins for vendors, catalog and rules: this folder's tests need no other folder.
import { createHash } from 'node:crypto'
import type { Adapter } from '#src/core/adapter.ts'
import type { Catalog } from '#src/core/catalog.ts'
import type { Facts } from '#src/core/facts.ts'
import type { RuleKind } from '#src/core/policy.ts'
import type { LoadOptions } from '#src/config/load.ts'

const base: Omit<Adapter, 'type' | 'title'> = {
  endpoints: ['chat'],
  local: false,
  credential: 'required',
  modelsMustBeDeclared: false,
  aggregator: false,
  facts: {},
  streamEnd: 'done-required',
  encode: () => {
    throw new Error('not for these tests')
  },
  decodeError: () => {
    throw new Error('not for these tests')
  },
  observe: () => {
    throw new Error('not for these tests')
  },
}

const openai: Adapter = {
  ...base,
  type: 'openai',
  title: 'OpenAI',
  baseUrl: 'https://api.openai.com/v1',
  regions: { EU: { baseUrl: 'https://eu.api.openai.com/v1', facts: { region: 'EU' } } },
  facts: { operator: 'openai', operatorCountry: 'US', local: false },
}
const compatible: Adapter = { ...base, type: 'openai-compatible', title: 'OpenAI-compatible', credential: 'optional' }
const azure: Adapter = { ...base, type: 'azure-openai', title: 'Azure OpenAI', modelsMustBeDeclared: true }
const ollama: Adapter = {
  ...base,
  type: 'ollama',
  title: 'Ollama',
  baseUrl: 'http://127.0.0.1:11434/v1',
  local: true,
  credential: 'none',
}
const openrouter: Adapter = {
  ...base,
  type: 'openrouter',
  title: 'OpenRouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  aggregator: true,
}

const models: Readonly<Record<string, Facts>> = {
  'openai/gpt-6-luna': { developer: 'openai', lineage: [], region: 'US', context: 400_000 },
  'openai/gpt-3': { developer: 'openai', lineage: [], retires: '2026-01-31' },
  'openai/gpt-5': { developer: 'openai', lineage: [], retires: '2026-12-31' },
}

export const catalog: Catalog = {
  version: 'test-1',
  vendorOfHost: (host) =>
    host === 'api.openai.com' || host === 'eu.api.openai.com'
      ? 'openai'
      : host === 'openrouter.ai'
        ? 'openrouter'
        : undefined,
  vendorNear: () => undefined,
  vendor: (vendor) => (vendor === 'openai' ? { trainsOnData: false } : undefined),
  model: (vendor, model) => models[`${vendor}/${model}`],
  suspect: (model) =>
    model.includes('deepseek')
      ? {
          facts: { developer: 'deepseek', lineage: ['deepseek-v3'] },
          ancestry: { ancestors: [{ name: 'deepseek-v3' }], complete: true },
        }
      : undefined,
  ancestry: (lineage) => ({ ancestors: (lineage ?? []).map((name) => ({ name })), complete: lineage !== undefined }),
}

function kind(field: string): RuleKind {
  return {
    field,
    compile: (input) => ({
      name: input.name,
      source: input.source,
      appliesTo: () => true,
      judge: () => ({
        rule: input.name,
        code: field,
        reason: JSON.stringify(input),
        source: input.source,
        unknown: [],
      }),
    }),
  }
}

/** What a test loads with, but for what it says itself. 2026-11-23. */
export function options(over: Partial<LoadOptions> = {}): LoadOptions {
  return {
    file: 'tutti.yaml',
    adapters: new Map([openai, compatible, azure, ollama, openrouter].map((adapter) => [adapter.type, adapter])),
    catalog,
    ruleKinds: new Map([kind('deny'), kind('require')].map((one) => [one.field, one])),
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    now: Date.UTC(2026, 10, 23),
    env: (name) => ({ OPENAI_API_KEY: 'sk-canary-0123456789' })[name],
    missing: 'error',
    ...over,
  }
}
