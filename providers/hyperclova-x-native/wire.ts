import { quirksOf } from '#providers/openai-compatible/definition.ts'

/** Of `Signature` and of what is only NAVER's. */
export const VENDOR = 'hyperclova-x'

/** What errors and headers are read and written with. */
export const QUIRKS = quirksOf({ type: 'hyperclova-x-native', title: 'NAVER HyperCLOVA X' })

/** Behind the base address; the model stands behind it. */
export const PATH = '/v3/chat-completions/'

/** `status.code` of an answer. */
export const OK = '20000'

/** What it writes unless told otherwise is 100 tokens; the most that all of its models write is this. */
export const DEFAULT_LIMIT = 4096

/** The least limit beside tools (CLOVA Studio, function calling). */
export const TOOL_LIMIT = 1024

export const TEMPERATURE = { least: 0, most: 1 } as const
export const TOP_P = { least: 0.01, most: 1 } as const
export const TOP_K = { least: 0, most: 128 } as const

/** The host of the government's cloud, where tools and streams do not go together. */
export const GOVERNMENT = 'gov-ntruss.com'

/** HCX-007 thinks, takes schemas and has another name for its limit. */
export function thinks(model: string): boolean {
  return model.toUpperCase().startsWith('HCX-007')
}

/** HCX-DASH reads text alone, as HCX-007 does. */
export function readsTextAlone(model: string): boolean {
  return thinks(model) || model.toUpperCase().startsWith('HCX-DASH')
}
