import { billOf, NO_BILL } from '#src/accounting/bill.ts'
import type { Account } from '#src/core/adapter.ts'
import { ASKED } from '#src/core/endpoint.ts'
import { started } from '#src/core/done.ts'
import type { Part } from '#src/core/conversation.ts'
import type { Target } from '#src/core/target.ts'
import type { Bill } from '#src/core/usage.ts'
import { exchange, recall } from './attempt-exchange.ts'
import { learn, recordOf } from './attempt-record.ts'
import { failedBy, outOfTime, type AttemptResult, type Ending } from './attempt-result.ts'
import { behind, type Call } from './call.ts'
import { objectionNow } from './judge-again.ts'
import { reserve, type Refused } from './reserve.ts'
import { isSigned } from './thoughts.ts'
import { attemptId, giveBackUpfront } from './upfront.ts'
import { withoutSecrets } from './without-secrets.ts'

/** An attempt, over and paid for. */
export interface Attempt {
  readonly target: Target
  readonly ending: Ending
  readonly bill: Bill
  readonly firstTokenMs?: number | undefined
  /** The id of the account that was used; '' for none. */
  readonly account: string
  /** Thoughts that their vendor wants back and that the caller may lose. */
  readonly thoughts?: readonly Part[]
}

/** Asks one target: judged once more by the newest configuration, its worst case held first, its bill settled after. */
export async function attempt(call: Call, target: Target): Promise<Attempt> {
  const due = call.gateway.ports.killSwitch.refresh(call.gateway)
  if (due) await due
  const ending = objectionNow(call, target)
  if (ending) {
    await giveBackUpfront(call)
    return notSent(call, target, { outcome: 'denied', ending })
  }
  const judgedBy = call.gateway.snapshot
  const account = accountOf(call, target)
  const kept = call.cache && (await recall(call, target, account))
  if (kept) {
    const bill = { ...billFor(call, target, kept), cost: 0n }
    return attemptOf(target, account, { result: discreet(call, account, kept), bill })
  }
  const reserved = await reserve(call, target, attemptId(call))
  if ('outcome' in reserved)
    return notSent(call, target, {
      outcome: reserved.outcome,
      ending: failedBy({ failure: reserved.failure, retry: 'next' }),
    })
  // Room may have taken its time: what was loaded meanwhile counts, and nothing is sent that would outlive what is held for it.
  const objection = call.gateway.snapshot === judgedBy ? undefined : objectionNow(call, target)
  const begun = (call.begun = call.gateway.ports.clock.now())
  if (objection || begun >= call.endsAt) {
    await reserved.release()
    return notSent(call, target, {
      outcome: objection ? 'denied' : 'timeout',
      ending: objection ?? failedBy(outOfTime()),
    })
  }
  call.sent++
  const result = discreet(call, account, await exchange(call, target, account))
  const bill = billFor(call, target, result)
  const record = recordOf({ call, target, account, result, bill, begun })
  const settled = started(() => reserved.settle(bill, record.outcome))
  // What is still held for one that failed may be what the next one needs.
  if (result.kind === 'failed') await settled
  else await behind(call, settled)
  learn({ call, target, account, result, bill, begun })
  call.bills.push(bill)
  call.attempts.push(record)
  return attemptOf(target, account, { result, bill })
}

function attemptOf(
  target: Target,
  account: Account,
  { result, bill }: { readonly result: AttemptResult; readonly bill: Bill },
): Attempt {
  const { firstTokenMs, thoughts = [] } = result
  return {
    target,
    ending: result,
    bill,
    firstTokenMs,
    account: account.id,
    ...(isWanted(target, thoughts) && { thoughts }),
  }
}

/** Worth keeping: signed by some vendor, or wanted back by this one. */
function isWanted({ provider }: Target, thoughts: readonly Part[]): boolean {
  return isSigned(thoughts) || (provider.adapter.replays !== undefined && thoughts.length > 0)
}

/** What the upstream said, without what it was sent. */
function discreet({ change }: Call, account: Account, result: AttemptResult): AttemptResult {
  if (result.kind !== 'failed') return result
  const failed = withoutSecrets(result.failure, account)
  return { ...result, failure: change.redactor?.failure(failed) ?? failed }
}

/** Accounts of one provider share its work: each request begins at another one, each further attempt takes the next. */
function accountOf(call: Call, target: Target): Account {
  const { accounts } = target.provider
  // What was signed or stored there is understood there alone.
  const own = accounts.length > 1 && call.sent === 0 && accounts.find((account) => call.bound(target, account))
  if (own) return own
  const { warm } = call.promptCache
  const kept = call.sent === 0 && warm?.target === target.id && warm.tokens > 0
  const known = kept ? accounts.find(({ id }) => id === warm.account) : undefined
  if (known) return known
  const index = (call.accountOffset + call.sent) % accounts.length
  const account = accounts[index]
  if (!account) throw new RangeError(`the provider of ${target.id} has no account`)
  return account
}

function notSent(
  call: Call,
  target: Target,
  end: { outcome: 'denied' | 'timeout' | Refused['outcome']; ending: Ending },
): Attempt {
  call.attempts.push({ target: target.id, outcome: end.outcome, latency_ms: 0 })
  return { target, ending: end.ending, bill: NO_BILL, account: '' }
}

function billFor(call: Call, target: Target, result: AttemptResult): Bill {
  if (result.nothing || ASKED[call.request.endpoint].operation === 'tokens') return NO_BILL
  const { generatedBytes, usage } = result
  const { facts } = target
  const unfinished = result.kind !== 'answered'
  return billOf({ price: facts.price, facts, signals: call.signals, at: call.begun, generatedBytes, usage, unfinished })
}
