import type { AlertHook } from '#src/core/sharing.ts'
import { webhookKey } from '#src/core/webhook.ts'
import { checkBaseUrl } from './base-url.ts'
import type { Context } from './context.ts'
import type { AlertsFile } from './schema-sharing.ts'

/** ms, unless it is written. */
const DEFAULT_TIMEOUT = 5000

/** Whom budgets' alerts are told; every fault is reported. */
export function alertsOf(file: AlertsFile | undefined, { report }: Context): AlertHook | undefined {
  if (!file) return undefined
  const { url, secret, local = false, timeout = DEFAULT_TIMEOUT } = file.webhook
  const path = ['alerts', 'webhook'] as const
  const checked = checkBaseUrl(url, local, 'url')
  if (!checked.ok) report.error({ path: [...path, 'url'], message: checked.message, mend: checked.mend })
  try {
    if (secret !== undefined) webhookKey(secret)
  } catch {
    const message = 'what follows `whsec_` is not base64'
    report.error({ path: [...path, 'secret'], message, mend: 'copy the secret whole' })
  }
  return { url: checked.ok ? checked.baseUrl : url, local, timeoutMs: timeout, ...(secret !== undefined && { secret }) }
}
