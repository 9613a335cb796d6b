/** The version of the API that requests are written in (https://docs.claude.com/en/api/versioning); the older one still answers. */
export const VERSION = '2026-10-21'

/** Whose signatures and blocks these are (`Signature`). */
export const VENDOR = 'anthropic'

/** Tokens of an answer where neither the caller nor anybody else limits it: the API demands a number. */
export const DEFAULT_MAX_TOKENS = 4096
