import type { Account } from '#src/core/adapter.ts'
import type { HostedModel, Inquiry, InquiryAnswer } from '#src/core/inventory.ts'
import { parseJson } from '#src/core/json.ts'
import type { Provider } from '#src/core/target.ts'
import { collectAnswer, type Means } from './collect-answer.ts'
import { redactorOf } from './without-secrets.ts'

/** ms within which one answer must be whole. */
export const ANSWER_TIMEOUT = 2000
/** Bytes of one answer. */
const MAX_ANSWER = 1024 * 1024

/** What a host said; not `whole`: it was silent on something, or refused it. */
export interface Said {
  readonly models: readonly HostedModel[]
  readonly whole: boolean
}

const NOTHING: Said = { models: [], whole: false }

/**
 * Asks a provider's host what it runs: one question after another, over the provider's first account, the way that every request goes. `models`
 * are those that the file names. Never rejects; the first question that it is silent on is the last.
 */
export async function askHost(provider: Provider, models: readonly string[], means: Means): Promise<Said> {
  const { inventory } = provider.adapter
  const [account] = provider.accounts
  if (!inventory || !account) return NOTHING
  const answers: InquiryAnswer[] = []
  try {
    const whole =
      (await askAll(inventory.ask(account, models), { provider, account, means, answers })) &&
      (await askAll(inventory.askMore?.(account, answers) ?? [], { provider, account, means, answers }))
    return { models: inventory.read(answers), whole: whole && answers.length > 0 }
  } catch {
    // A host can write anything: it has told nothing then.
    return NOTHING
  }
}

interface Asking {
  readonly provider: Provider
  readonly account: Account
  readonly means: Means
  readonly answers: InquiryAnswer[]
}

/** False: something was not answered that is there. */
async function askAll(inquiries: readonly Inquiry[], { provider, account, means, answers }: Asking): Promise<boolean> {
  const clean = redactorOf(account)
  let whole = true
  for (const { about, upstream } of inquiries) {
    const bounds = { timeoutMs: ANSWER_TIMEOUT, maxBytes: MAX_ANSWER }
    const answer = await collectAnswer({ upstream, egress: provider.egress }, means, bounds).answer
    if (answer === 'silent') return false
    const body = answer.status === 200 ? parseJson(clean(answer.text)) : undefined
    if (body !== undefined) answers.push({ about, body })
    else if (answer.status !== 404) whole = false
  }
  return whole
}
