import { quirksOf } from '#providers/openai-compatible/definition.ts'

/** Of `Signature` and of what is only Cloudflare's. */
export const VENDOR = 'workers-ai'

/** Where a request of `run` is not as a chat completion. */
export const QUIRKS = quirksOf({
  type: 'workers-ai-native',
  title: 'Cloudflare Workers AI',
  quirks: {
    vendor: VENDOR,
    maxTokensField: 'max_tokens',
    developerRole: 'system',
    includeUsage: 'ignored',
    contentNull: '""',
    jsonSchema: 'bare',
    topK: true,
    temperatureMax: 5,
    unsent: ['n', 'logprobs', 'logit_bias', 'stop', 'user', 'store', 'name', 'parallel_tool_calls'],
  },
})

/** Behind the base address, which ends in `/ai`; the model stands behind it. */
export const PATH = '/run/'

/** The setting that names a worker's binding. */
export const BINDING = 'binding'

export const TOP_K = { least: 1, most: 50 } as const

/** What it writes unless told otherwise is 256 tokens, and it does not say that it stopped there; this leaves the prompt room in small contexts. */
export const DEFAULT_LIMIT = 2048
