/** Versions of the API (https://platform.claude.com/docs/en/api/versioning). The newer one has no sampling parameters and knows `system` among the messages. */
export const VERSION = '2026-10-21'
export const OLD_VERSION = '2023-06-01'

/** Whose signatures and blocks these are (`Signature`). */
export const VENDOR = 'anthropic'

/** Tokens of an answer where neither the caller nor anybody else limits it: the API demands a number. */
export const DEFAULT_MAX_TOKENS = 4096

/** The least that `budget_tokens` may be. */
export const LEAST_BUDGET = 1024

/** What the newer version of the API no longer has. */
export const SAMPLING = ['temperature', 'top_p', 'top_k'] as const
