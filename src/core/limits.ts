/** Bounds of what tutti keeps in memory of one upstream's answer, in bytes. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024
export const MAX_ERROR_BYTES = 1024 * 1024
/** Nobody waits longer than this for an upstream that asks for patience; a longer wait counts as unhealthy (INTERFACE.md section 9). */
export const MAX_RETRY_AFTER_MS = 2000
